import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { canTrace, runChild, stateLab, tamper, type Ended } from "../support/state-lab.ts";
import { expectedAfter, stepsDone } from "../support/state-ledger.ts";
import { papers } from "../support/state-papers.ts";

const { newHome } = stateLab();
let killPoints = 0;
let lost = 0;
afterAll(() => console.log(`state: ${killPoints} kill points, ${lost} lost`));

/** What was acknowledged is there, the step at work is whole or absent, and everything opens. Gives the number of steps that stand. */
async function oracle(home: string, before: number, { lines }: Ended): Promise<number> {
  const acknowledged = lines.reduce((most, line) => Math.max(most, Number(line["done"] ?? 0)), before);
  if (!existsSync(join(home, "usc.db"))) {
    expect(acknowledged).toBe(0);
    return 0;
  }
  const store = openStore({ home });
  const steps = await stepsDone(store);
  lost += Math.max(0, acknowledged - steps);
  expect([acknowledged, acknowledged + 1]).toContain(steps);
  const kept = await store.collection(papers).list();
  expect(Object.fromEntries(kept.map(({ key, value }) => [key, value.secret]))).toEqual(expectedAfter(steps));
  tamper(home, (db) => {
    expect(db.prepare("PRAGMA quick_check").all()).toEqual([{ quick_check: "ok" }]);
    expect(db.prepare("SELECT count(*) AS keys FROM data_keys").get()?.["keys"]).toBeLessThanOrEqual(1);
  });
  return steps;
}

describe("a process that is killed with -9", () => {
  it("at any instant of its work, again and again over one store, loses nothing it acknowledged", async () => {
    const home = newHome();
    let steps = 0;
    for (let round = 0; round < 40; round++) {
      let after = 1 + (round % 6);
      const ended = await runChild([home, "work", String(steps + 1000)], [], (kill) => {
        if (after-- > 0) return;
        // Not right at the acknowledgement, but somewhere in what follows it.
        const end = performance.now() + ((round * 0.37) % 4);
        while (performance.now() < end);
        kill();
      });
      expect(ended.exit).toBeNull();
      steps = await oracle(home, steps, ended);
      killPoints++;
    }
    expect(steps).toBeGreaterThan(80);
  });

  it.runIf(canTrace())("at each write, sync, truncation, link and removal of a first run and eight steps (needs strace)", async () => {
    const calls = ["pwrite64", "write", "fsync,fdatasync", "ftruncate", "linkat,link", "unlink,unlinkat", "mkdir"];
    const points = (await Promise.all(calls.map(killAtEach))).reduce((sum, count) => sum + count, 0);
    killPoints += points;
    expect(points).toBeGreaterThan(30);
  });
});

/** Kills at the first such call, at the second, and so on until none is left to kill at. Gives how often it killed. */
async function killAtEach(call: string): Promise<number> {
  let points = 0;
  for (let nth = 1; ; nth += stride(call, nth)) {
    const home = newHome();
    const ended = await runChild([home, "work", "8"], killedAt(call, nth, home));
    if (ended.exit === 0) return points;
    const steps = await oracle(home, 0, ended);
    const again = await runChild([home, "work", "8"]);
    expect(again.exit).toBe(0);
    expect(await oracle(home, steps, again)).toBe(8);
    points++;
  }
}

describe("an acknowledged write", () => {
  it.runIf(canTrace())("was synced before it was acknowledged (needs strace)", async () => {
    const trace = join(newHome(), "..", "trace");
    const home = newHome();
    const strace = ["strace", "-f", "-qq", "-y", "-o", trace, "-e", "trace=pwrite64,write,fsync,fdatasync"];
    expect((await runChild([home, "work", "10"], strace)).exit).toBe(0);
    let unsynced = 0;
    let acknowledged = 0;
    for (const line of readFileSync(trace, "utf8").split("\n")) {
      if (/ pwrite64\(\d+<[^>]*usc\.db-wal>/u.test(line)) unsynced++;
      if (/ f(data)?sync\(\d+<[^>]*usc\.db-wal>/u.test(line)) unsynced = 0;
      if (!/ write\(1<.*done/u.test(line)) continue;
      expect(unsynced, line).toBe(0);
      acknowledged++;
    }
    expect(acknowledged).toBe(10);
  });
});

function killedAt(call: string, nth: number, home: string): string[] {
  const files = ["usc.db", "usc.db-wal", "master.key", "master.key.new"].map((name) => join(home, name));
  const watched = [home, ...files].flatMap((path) => ["-P", path]);
  return ["strace", "-f", "-qq", "-o", "/dev/null", ...watched, "-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${nth}`];
}

// The many plain writes are sampled, each of the rest is tried.
function stride(call: string, nth: number): number {
  return call === "pwrite64" && nth > 12 ? 5 : 1;
}
