import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { associations } from "../../src/features/rotation/associations.ts";
import { rotations } from "../../src/features/rotation/model.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { looker } from "../support/look.ts";
import { killedAt } from "../support/kill.ts";
import { directoryOf, rotationHouse } from "../support/rotation-house.ts";
import { stateLab } from "../support/state-lab.ts";
import { type Call, duty, endsWell, processOf } from "./rotation-world.ts";

const { newHome } = stateLab();
/** In CI, which is bounded, only every so many points are tried, and who goes on is the duty. */
const isBounded = process.env["CI"] !== undefined;
const [first, stride] = isBounded ? [5, 21] : [0, 1];
let killed = 0;
let lost = 0;
afterAll(() => console.log(`rotation (sync): ${killed} kill points, ${lost} lost`));

/** `is`: how the two ended for the secret in the vault. */
interface Command {
  before: "synced" | "alone";
  call: (remote: string) => Call;
  next?: (remote: string) => Call;
  may?: readonly string[];
  is: "synced" | "gone" | "either";
}
const to = (remote: string) => ({ name: "/key", "usc-name": "/kv", "remote-secret-name": remote });
const rotating = (): Call => ["rotate-secret", { name: "/key" }];
const syncing = (remote: string): Call => ["rotated-secret sync", { ...to(remote), "filter-secret-value": ".password" }];
const ending = (remote: string): Call => ["rotated-secret delete-sync", { ...to(remote), "delete-from-usc": true }];
const commands: Record<string, Command> = {
  "rotate-secret of what is synced, then again": { before: "synced", call: rotating, next: rotating, is: "synced" },
  "rotate-secret of what is synced, then the duty": { before: "synced", call: rotating, is: "synced" },
  "rotated-secret sync, then again": { before: "alone", call: syncing, next: syncing, is: "synced" },
  "rotated-secret sync, then the duty": { before: "alone", call: syncing, is: "either" },
  "rotated-secret delete-sync, then again": { before: "synced", call: ending, next: ending, may: ["not_found"], is: "gone" },
  "rotated-secret delete-sync, then the duty": { before: "synced", call: ending, is: "either" },
};

async function worldOf({ before }: Command) {
  const lab = await openLab({ name: "lab" });
  const azure = directoryOf(lab);
  const look = looker((path) => lab.vault("GET", path));
  let count = 0;
  const fresh = async () => {
    const home = newHome();
    const store = openStore({ home });
    const { appId } = await azure.application("app");
    // Nobody kills it, so nobody has to wait for it.
    const house = await rotationHouse(lab, store, leapingClock());
    const remote = `key-${(count += 1)}`;
    await house.call("rotated-secret create azure", { name: "/key", "target-name": "t", "rotator-type": "api-key", "app-id": appId });
    await house.call("create-usc", { name: "/kv", "target-to-associate": "t", "azure-kv-name": "demo" });
    if (before === "synced") await house.call(...syncing(remote));
    return { home, store, house, appId, remote };
  };
  /** The vault has the current value, written once for each version; or there is no association, and nothing in the vault. Nothing is unfinished. */
  const oracle = async ({ store, house, appId, remote }: Awaited<ReturnType<typeof fresh>>, is: Command["is"], where: string) => {
    const { password = "" } = await house.value("/key");
    const { last_version: version } = await house.call("describe-item", { name: "/key" });
    const [standing] = (await store.collection(associations).list()).map(({ value }) => value);
    const stands = await look(remote);
    const isSynced = is === "either" ? standing !== undefined : is === "synced";
    const secret = stands.is.startsWith("live") ? stands : "gone";
    if (isSynced && stands.is !== `live ${password}`) lost += 1;
    expect({ where, secret, works: await azure.logsIn(appId, password), left: await store.collection(rotations).list() }).toEqual({
      where,
      secret: isSynced ? { is: `live ${password}`, versions: version } : "gone",
      works: true,
      left: [],
    });
    if (isSynced)
      expect({ where, standing }).toEqual({ where, standing: expect.objectContaining({ pushed: version, until: 0, leaving: false }) });
    else expect({ where, standing }).toEqual({ where, standing: undefined });
  };
  return { lab, fresh, oracle };
}

describe("killed with -9 before or after any commit or request, the next call brings the vault to what is current", () => {
  it.concurrent.each(Object.entries(commands).filter(([, { next }]) => !isBounded || next === undefined))(
    "%s",
    async (_, command) => {
      const { call, next = () => duty, may = [], is } = command;
      const { lab, fresh, oracle } = await worldOf(command);
      type Fresh = Awaited<ReturnType<typeof fresh>>;
      const goesOn = async (given: Fresh, where: string): Promise<void> => {
        await endsWell(given.home, next(given.remote), 2, where, may);
        await oracle(given, is, where);
      };
      const whole = await fresh();
      await lab.control("DELETE", "/requests");
      const { points = 0, code } = await processOf(whole.home, call(whole.remote), 0).ended;
      expect(code).toBeUndefined();
      const requests: number = (await lab.control("GET", "/requests")).json.requests.length;
      for (let at = first; at < points; at += stride) {
        const given = await fresh();
        const one = processOf(given.home, call(given.remote), 0, at);
        await one.first;
        one.kill();
        await one.ended;
        killed += 1;
        await goesOn(given, `commit ${at / 2}`);
      }
      for (let at = first; at < requests * 2; at += stride) {
        const given = await fresh();
        const point = { skip: at >> 1, moment: at % 2 === 0 ? "before" : "after" } as const;
        if ((await killedAt(lab, point, () => processOf(given.home, call(given.remote), 0))) === "killed") killed += 1;
        await goesOn(given, `${point.moment} request ${point.skip}`);
      }
    },
    600_000,
  );
});
