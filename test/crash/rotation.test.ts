import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { rotatedSecrets, rotations } from "../../src/features/rotation/model.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openLab } from "../emulator/support.ts";
import { childOf } from "../support/points.ts";
import { until } from "../support/program.ts";
import { directoryOf, rotationHouse } from "../support/rotation-house.ts";
import { stateLab } from "../support/state-lab.ts";

const { newHome } = stateLab();
/** Each command by itself is bounded: in CI only every so many points are tried. */
const stride = process.env["CI"] === undefined ? 1 : 9;
let killed = 0;
let lost = 0;
afterAll(() => console.log(`rotation: ${killed} kill points, ${lost} lost`));

type Call = [name: string, input: Record<string, unknown>];
interface Line {
  at: number;
  answer: unknown;
  code: string;
  error: string;
  points: number;
}

const processOf = (home: string, [name, input]: Call, minutes: number, point?: number) =>
  childOf<Line>("rotation-child.ts", [home, name, JSON.stringify(input), minutes, point]);

const key = { name: "/key" };
const rotating: Call = ["rotate-secret", key];
const deleting: Call = ["rotated-secret delete", key];
const duty: Call = ["duty run", {}];

/** What is killed, and who comes afterwards. `may`: how that one may end, beside well. */
interface Command {
  made: "before" | "by it";
  call: (appId: string) => Call;
  next: (appId: string) => Call;
  may?: readonly string[];
  ends: "there" | "gone" | "either";
}
const apiKey = (appId: string) => ({ ...key, "target-name": "t", "rotator-type": "api-key", "app-id": appId });
const creating = (appId: string): Call => ["rotated-secret create azure", apiKey(appId)];
const commands: Record<string, Command> = {
  "rotate-secret of an api-key, then again": { made: "before", call: () => rotating, next: () => rotating, ends: "there" },
  "rotate-secret of an api-key, then the duty": { made: "before", call: () => rotating, next: () => duty, ends: "there" },
  "rotate-secret of a target, then again": { made: "before", call: () => rotating, next: () => rotating, ends: "there" },
  // It exists when all was done, or can be finished.
  "rotated-secret create, then again": { made: "by it", call: creating, next: creating, may: ["conflict"], ends: "there" },
  "rotated-secret create, then the duty": { made: "by it", call: creating, next: () => duty, ends: "either" },
  "rotated-secret delete, then again": { made: "before", call: () => deleting, next: () => deleting, may: ["not_found"], ends: "gone" },
};

async function worldOf(label: string, { made }: Command) {
  const lab = await openLab({ name: "lab" });
  const azure = directoryOf(lab);
  const isTarget = label.includes("a target");
  /** An application with a foreign secret, and a home with the target /t; /key stands or does not. */
  const fresh = async () => {
    const home = newHome();
    const store = openStore({ home });
    const { appId } = await azure.application(label);
    const foreign = await azure.addPassword(appId, "somebody's");
    const house = await rotationHouse(lab, store, systemClock);
    const own = await azure.addPassword(appId, "the target's");
    const self = { "client-id": appId, "client-secret": own.secretText };
    if (isTarget) {
      await house.call("target create azure", { name: "self", "azure-cloud": "lab", "tenant-id": lab.ready.tenant_id, ...self });
    } else await azure.graph("POST", `/applications(appId='${appId}')/removePassword`, { keyId: own.keyId });
    const rotator = isTarget ? { ...key, "target-name": "self", "rotator-type": "target" } : apiKey(appId);
    if (made === "before") await house.call("rotated-secret create azure", rotator);
    return { home, store, house, appId, foreign: foreign.keyId };
  };
  return { lab, azure, isTarget, fresh };
}
type World = Awaited<ReturnType<typeof worldOf>>;
type Fresh = Awaited<ReturnType<World["fresh"]>>;

/** get-value gives a credential that works, Azure has what the item says and what is foreign, and nothing is unfinished. */
async function oracle(
  { azure, isTarget }: World,
  { store, house, appId, foreign }: Fresh,
  ends: Command["ends"],
  where: string,
): Promise<void> {
  const there = (await store.collection(rotatedSecrets).get("/key")) !== undefined;
  const stands = (await azure.secretsOf(appId)).map(({ key_id }) => key_id);
  if (ends !== "either") expect({ where, there }).toEqual({ where, there: ends === "there" });
  expect({ where, left: await store.collection(rotations).list() }).toEqual({ where, left: [] });
  if (!there) return expect({ where, stands }).toEqual({ where, stands: [foreign] });
  const value = await house.value("/key");
  const secret = isTarget ? (value["target_value"] as unknown as Record<string, string>)["azure_client_secret"] : value["password"];
  const works = await azure.logsIn(appId, secret ?? "");
  if (!works) lost += 1;
  expect({ where, works, foreign: stands.includes(foreign), count: stands.length }).toEqual({
    where,
    works: true,
    foreign: true,
    count: 2,
  });
  if (!isTarget) expect({ where, stands }).toEqual({ where, stands: [foreign, value["username"]] });
}

async function nextEndsWell(call: Call, home: string, may: readonly string[] = [], where: string): Promise<void> {
  const ended = await processOf(home, call, 2).ended;
  if (!may.includes(ended.code ?? ""))
    expect({ where, ...ended }).toEqual({ where, answer: expect.anything(), points: expect.any(Number) });
}

describe("killed with -9 before or after any commit or request, the next call brings it to its end", () => {
  it.concurrent.each(Object.entries(commands))(
    "%s",
    async (label, command) => {
      const world = await worldOf(label, command);
      const { lab, fresh } = world;
      const whole = await fresh();
      await lab.control("DELETE", "/requests");
      const { points = 0, error } = await processOf(whole.home, command.call(whole.appId), 0).ended;
      expect(error).toBeUndefined();
      const requests: number = (await lab.control("GET", "/requests")).json.requests.length;
      const before = killed;
      for (let at = 0; at < points; at += stride) {
        const given = await fresh();
        const one = processOf(given.home, command.call(given.appId), 0, at);
        await one.first;
        one.kill();
        await one.ended;
        killed += 1;
        await nextEndsWell(command.next(given.appId), given.home, command.may, `commit ${at / 2}`);
        await oracle(world, given, command.ends, `commit ${at / 2}`);
      }
      for (let at = 0; at < requests * 2; at += stride) {
        const given = await fresh();
        const where = `${at % 2 === 0 ? "before" : "after"} request ${at >> 1}`;
        await lab.control("POST", "/faults", { skip: at >> 1, hold: at % 2 === 0 ? "before" : "after" });
        const held = async (): Promise<boolean> => (await lab.control("GET", "/faults")).json.faults[0]?.held === 1;
        const one = processOf(given.home, command.call(given.appId), 0);
        let hasEnded = false;
        void one.ended.then(() => (hasEnded = true));
        await until(`it is held ${where}, or has ended`, async () => hasEnded || (await held()));
        if (!hasEnded) killed += 1;
        one.kill();
        await one.ended;
        await until("nobody is held", async () => !(await held()));
        await lab.control("DELETE", "/faults");
        await nextEndsWell(command.next(given.appId), given.home, command.may, where);
        await oracle(world, given, command.ends, where);
      }
      expect(killed - before).toBeGreaterThanOrEqual(stride === 1 ? 10 : 2);
    },
    400_000,
  );
});
