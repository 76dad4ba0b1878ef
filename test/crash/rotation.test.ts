import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { rotatedSecrets, rotations } from "../../src/features/rotation/model.ts";
import { contentOf } from "../../src/features/rotation/find.ts";
import { spareKeys } from "../../src/features/rotation/spare.ts";
import { rfc3339, systemClock } from "../../src/kernel/clock.ts";
import { openLab } from "../emulator/support.ts";
import { killedAt } from "../support/kill.ts";
import { childOf } from "../support/points.ts";
import { inPlaceOf } from "../support/in-place-lab.ts";
import { directoryOf, rotationHouse } from "../support/rotation-house.ts";
import { turnsOf } from "../support/rotation-turns.ts";
import { stateLab } from "../support/state-lab.ts";

const { newHome } = stateLab();
/** In CI only every so many points of a command are tried, of each other ones; one at least. */
const stride = process.env["CI"] === undefined ? 1 : 17;
let killed = 0;
let lost = 0;
afterAll(() => {
  console.log(`rotation: ${killed} kill points, ${lost} lost`);
  expect(killed).toBeGreaterThanOrEqual(10);
});

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
  kind: keyof typeof kinds;
  call: Call | "create";
  next: Call | "create";
  may?: readonly string[];
  ends: "there" | "gone" | "either";
  /** The item's time of grace, and what is done before the command. */
  grace?: Record<string, unknown>;
  before?: (house: House) => Promise<void>;
  /** How many client secrets of ours may stand beside the current one in the end. */
  spare?: readonly number[];
}
const graced = (timing: string) => ({
  "auto-rotate": true,
  "rotation-interval": 30,
  "grace-rotation": true,
  "grace-rotation-interval": 5,
  "grace-rotation-timing": timing,
});
const byHand = async (house: House): Promise<void> => void (await house.call("rotate-secret", key));
/** As if the last rotation had been so many days ago. */
const daysAgo = async ({ store }: House, days: number): Promise<void> => {
  const found = await store.collection(rotatedSecrets).get("/key");
  if (found === undefined) throw new Error("no item");
  const then = rfc3339(systemClock.now() - days * 86_400_000);
  await store.commit([store.collection(rotatedSecrets).put("/key", { ...found.value, "rotated-at": then }, found.revision)]);
};
const again = { call: rotating, next: rotating, ends: "there" } as const;
const dutyAgain = { kind: "api-key", call: duty, next: duty, ends: "there" } as const;
// It exists when all was done, or can be finished.
const creating = { call: "create", next: "create", may: ["conflict"], ends: "there" } as const;
const commands: Record<string, Command> = {
  "rotate-secret of an api-key, then again": { kind: "api-key", ...again },
  "rotate-secret of an api-key, then the duty": { kind: "api-key", ...again, next: duty },
  "rotate-secret of a target, then again": { kind: "target", ...again },
  "rotate-secret of a password, then again": { kind: "password", ...again },
  "rotate-secret of a password, then the duty": { kind: "password", ...again, next: duty },
  "rotate-secret of a storage key, then again": { kind: "storage key", ...again },
  "rotate-secret of a storage key, then the duty": { kind: "storage key", ...again, next: duty },
  "rotated-secret create, then again": { kind: "api-key", ...creating },
  "rotated-secret create, then the duty": { kind: "api-key", ...creating, next: duty, ends: "either" },
  "rotated-secret create of a password, then again": { kind: "password", ...creating },
  "rotated-secret create of a password, then the duty": { kind: "password", ...creating, next: duty, ends: "either" },
  "rotated-secret delete, then again": { kind: "api-key", call: deleting, next: deleting, may: ["not_found"], ends: "gone" },
  "rotate-secret with grace after the date, then again": {
    ...again,
    kind: "api-key",
    grace: graced("after"),
    before: byHand,
    spare: [1],
  },
  "the duty at the end of grace, then again": {
    ...dutyAgain,
    grace: graced("after"),
    before: async (house) => byHand(house).then(() => daysAgo(house, 6)),
  },
  "the duty ahead of the date, then again": {
    ...dutyAgain,
    grace: graced("before"),
    before: (house) => daysAgo(house, 26),
    spare: [1],
  },
  "the duty on the date of what was made ahead, then again": {
    ...dutyAgain,
    grace: graced("before"),
    async before(house) {
      await daysAgo(house, 26);
      await turnsOf(house.engine).run();
      await daysAgo(house, 31);
    },
  },
  // What was not written down yet has not ended.
  "update that ends grace, then the duty": {
    ...dutyAgain,
    call: ["rotated-secret update azure", { ...key, "grace-rotation": false }],
    grace: graced("after"),
    before: byHand,
    spare: [0, 1],
  },
};

type Lab = Awaited<ReturnType<typeof openLab>>;
type House = Awaited<ReturnType<typeof rotationHouse>>;

/** What an item is of. */
interface Thing {
  /** What creates the item. */
  input: Record<string, unknown>;
  /** Whether the value of the item works; of one that is not there, whether what was there before does. */
  works(value: Record<string, string> | undefined): Promise<boolean>;
  /** What has to be at Azure beside, and what is. `spare`: the key ids that the item has beside the current one. */
  stands?(value: Record<string, string> | undefined, spare: readonly string[]): Promise<{ expected: unknown; stands: unknown }>;
}

const kinds = {
  /** An application with a foreign secret. */
  async "api-key"(lab: Lab): Promise<Thing> {
    const azure = directoryOf(lab);
    const { appId } = await azure.application("app");
    const { keyId, secretText } = await azure.addPassword(appId, "somebody's");
    return {
      input: { ...key, "target-name": "t", "rotator-type": "api-key", "app-id": appId },
      works: async (value) => azure.logsIn(appId, value?.["password"] ?? secretText),
      stands: async (value, spare) => ({
        expected: new Set([keyId, ...spare, ...(value === undefined ? [] : [value["username"]])]),
        stands: new Set((await azure.secretsOf(appId)).map(({ key_id }) => key_id)),
      }),
    };
  },
  /** One that a target logs in with beside. */
  async target(lab: Lab, house: House): Promise<Thing> {
    const azure = directoryOf(lab);
    const { appId } = await azure.application("self");
    const { keyId } = await azure.addPassword(appId, "somebody's");
    const { secretText } = await azure.addPassword(appId, "the target's");
    const self = { "azure-cloud": "lab", "tenant-id": lab.ready.tenant_id, "client-id": appId, "client-secret": secretText };
    await house.call("target create azure", { name: "self", ...self });
    return {
      input: { ...key, "target-name": "self", "rotator-type": "target" },
      works: async (value) =>
        azure.logsIn(appId, (value?.["target_value"] as unknown as Record<string, string> | undefined)?.["azure_client_secret"] ?? ""),
      async stands() {
        const stands = (await azure.secretsOf(appId)).map(({ key_id }) => key_id);
        return { expected: { foreign: true, count: 2 }, stands: { foreign: stands.includes(keyId), count: stands.length } };
      },
    };
  },
  async password(lab: Lab): Promise<Thing> {
    const azure = inPlaceOf(lab);
    const username = await azure.user(`user-${crypto.randomUUID()}`);
    return {
      input: { ...key, "target-name": "t", "rotator-type": "password", username },
      works: async (value) => azure.userLogsIn(username, value?.["password"] ?? "Correct-Horse-1"),
    };
  },
  async "storage key"(lab: Lab, house: House): Promise<Thing> {
    const azure = inPlaceOf(lab);
    const account = await azure.account(crypto.randomUUID().replaceAll("-", "").slice(0, 24));
    const { key2 } = await azure.keysOf(account);
    await house.call("target update azure", {
      name: "t",
      "subscription-id": lab.ready.subscription_id,
      "resource-group-name": "local",
      "resource-name": account,
    });
    return {
      input: { ...key, "target-name": "t", "rotator-type": "azure-storage-account", "storage-account-key-name": "key1" },
      works: async (value) => (await azure.keysOf(account))["key1"] === value?.["password"],
      stands: async () => ({ expected: key2, stands: (await azure.keysOf(account))["key2"] }),
    };
  },
};

async function worldOf({ kind, call, next, grace, before }: Command) {
  const lab = await openLab({ name: "lab" });
  /** A home in which /key stands, unless that is what is tried. */
  const fresh = async () => {
    const home = newHome();
    const store = openStore({ home });
    const house = await rotationHouse(lab, store, systemClock);
    const thing = await kinds[kind](lab, house);
    const create: Call = ["rotated-secret create azure", { ...thing.input, ...grace }];
    if (call !== "create") await house.call(...create);
    await before?.(house);
    const calls = { call: call === "create" ? create : call, next: next === "create" ? create : next };
    return { home, store, house, thing, ...calls };
  };
  return { lab, fresh };
}
type Fresh = Awaited<ReturnType<Awaited<ReturnType<typeof worldOf>>["fresh"]>>;

/** get-value gives a credential that works, Azure has what the item says and what is foreign, and nothing is unfinished. */
async function oracle({ store, house, thing }: Fresh, { ends, spare = [0] }: Command, where: string): Promise<void> {
  const found = await store.collection(rotatedSecrets).get("/key");
  const there = found !== undefined;
  if (ends !== "either") expect({ where, there }).toEqual({ where, there: ends === "there" });
  expect({ where, left: await store.collection(rotations).list() }).toEqual({ where, left: [] });
  const value = there ? await house.value("/key") : undefined;
  const works = await thing.works(value);
  if (!works) lost += 1;
  expect({ where, works }).toEqual({ where, works: true });
  const content = found && (await contentOf(store, found.value)).content;
  const beside = content === undefined ? [] : spareKeys(content);
  const { expected, stands } = (await thing.stands?.(value, beside)) ?? {};
  expect({ where, stands }).toEqual({ where, stands: expected });
  expect(spare).toContain(beside.length);
  expect({ where, spare: found?.value.spare }).toEqual({ where, spare: beside.length === 0 ? undefined : content?.next ? "next" : "old" });
}

async function nextEndsWell(call: Call, home: string, may: readonly string[] = [], where: string): Promise<void> {
  const ended = await processOf(home, call, 2).ended;
  if (!may.includes(ended.code ?? ""))
    expect({ where, ...ended }).toEqual({ where, answer: expect.anything(), points: expect.any(Number) });
}

describe("killed with -9 before or after any commit or request, the next call brings it to its end", () => {
  it.concurrent.each(Object.entries(commands).map(([label, command], index) => [label, command, index] as const))(
    "%s",
    async (_, command, index) => {
      const { lab, fresh } = await worldOf(command);
      const whole = await fresh();
      await lab.control("DELETE", "/requests");
      const { points = 0, error } = await processOf(whole.home, whole.call, 0).ended;
      expect(error).toBeUndefined();
      const requests: number = (await lab.control("GET", "/requests")).json.requests.length;
      const step = Math.min(stride, points + requests * 2);
      const isTried = (at: number): boolean => (at + index * 5) % step === 0;
      let tried = 0;
      const goesOn = async (given: Fresh, where: string): Promise<void> => {
        tried += 1;
        await nextEndsWell(given.next, given.home, command.may, where);
        await oracle(given, command, where);
      };
      for (let at = 0; at < points; at += 1) {
        if (!isTried(at)) continue;
        const given = await fresh();
        const one = processOf(given.home, given.call, 0, at);
        await one.first;
        one.kill();
        await one.ended;
        killed += 1;
        await goesOn(given, `${at % 2 === 0 ? "before" : "after"} commit ${at >> 1}`);
      }
      for (let at = 0; at < requests * 2; at += 1) {
        if (!isTried(points + at)) continue;
        const given = await fresh();
        const point = { skip: at >> 1, moment: at % 2 === 0 ? "before" : "after" } as const;
        if ((await killedAt(lab, point, () => processOf(given.home, given.call, 0))) === "killed") killed += 1;
        await goesOn(given, `${point.moment} request ${point.skip}`);
      }
      expect(tried).toBeGreaterThanOrEqual(stride === 1 ? 10 : 1);
    },
    400_000,
  );
});
