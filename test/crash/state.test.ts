import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { killedAt, sweep } from "../support/kill-sweep.ts";
import { canTrace, runChild, stateLab, tamper, type Ended } from "../support/state-lab.ts";
import { expectedAfter, stepOnce, stepsDone } from "../support/state-ledger.ts";
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
    const calls = [
      "pwrite64",
      "write",
      "fsync,fdatasync",
      "ftruncate",
      "linkat,link",
      "unlink,unlinkat",
      "mkdir",
      "rename,renameat,renameat2",
    ];
    const points = (await Promise.all(calls.map(killAtEach))).reduce((sum, count) => sum + count, 0);
    killPoints += points;
    expect(points).toBeGreaterThan(30);
  });
});

/** Kills at the first such call, at the second, and so on until none is left to kill at. Gives how often it killed. */
async function killAtEach(call: string): Promise<number> {
  return sweep(call, async (nth) => {
    const home = newHome();
    const files = ["usc.db", "usc.db-wal", "master.key", "master.key.new"].map((name) => join(home, name));
    const ended = await runChild([home, "work", "8"], killedAt(call, nth, [home, ...files]));
    if (ended.exit === 0) return "ended";
    const steps = await oracle(home, 0, ended);
    const again = await runChild([home, "work", "8"]);
    expect(again.exit).toBe(0);
    expect(await oracle(home, steps, again)).toBe(8);
    return "killed";
  });
}

const stands = 5;
const copiedAt = 3;

/** A home with so many steps of the ledger in it, and a copy of the first three. */
async function preparedHome(): Promise<{ home: string; copy: string }> {
  const home = newHome();
  const copy = `${home}-copy`;
  const store = openStore({ home });
  await store.audit.note(
    { time: "2026-01-01T00:00:00Z", operation: "begin", caller: "me" },
    { time: "2026-01-01T00:00:00Z", outcome: "ok", duration_ms: 1 },
  );
  for (let step = 0; step < stands; step++) {
    if (step === copiedAt) await store.backup(copy);
    await stepOnce(store, step);
  }
  return { home, copy };
}

/** Whole in every part, with nothing of a killed rotation once another went through. Gives the number of steps that stand. */
async function whole(home: string): Promise<number> {
  const store = openStore({ home });
  const steps = await stepsDone(store);
  const kept = await store.collection(papers).list();
  expect(Object.fromEntries(kept.map(({ key, value }) => [key, value.secret]))).toEqual(expectedAfter(steps));
  expect((await store.audit.verify()).findings).toEqual([]);
  tamper(home, (db) => expect(db.prepare("PRAGMA quick_check").all()).toEqual([{ quick_check: "ok" }]));
  for (const name of readdirSync(home)) expect([name, statSync(join(home, name)).mode & 0o777]).toEqual([name, 0o600]);
  return steps;
}

/** Whether it came to its end; else it was killed at that call, and nothing else has stopped it. */
async function endsBefore(words: readonly string[], call: string, nth: number): Promise<boolean> {
  const { exit } = await runChild(words, killedAt(call, nth));
  expect([0, null]).toContain(exit);
  return exit === 0;
}

const keyFiles = (home: string): string[] => readdirSync(home).filter((name) => name.startsWith("master.key"));
const calls = ["pwrite64", "write", "fsync,fdatasync", "ftruncate", "linkat,link", "unlink,unlinkat", "rename,renameat,renameat2"];

describe.runIf(canTrace())("a process that is killed with -9 at each call to the disk (needs strace)", () => {
  it("while it rotates the master key, leaves the old key or the new one in place, never a store that cannot be opened", async () => {
    const prepared = (await preparedHome()).home;
    const points = await Promise.all(
      calls.map((call) =>
        sweep(call, async (nth) => {
          const home = newHome();
          cpSync(prepared, home, { recursive: true });
          if (await endsBefore([home, "rotate"], call, nth)) return "ended";
          // Depth two: whoever finds it is killed at the same call.
          await runChild([home, "list", ""], killedAt(call, 1));
          if ((await whole(home)) !== stands) lost++;
          expect((await runChild([home, "rotate"])).exit).toBe(0);
          expect(await whole(home)).toBe(stands);
          expect(keyFiles(home)).toEqual(["master.key"]);
          return "killed";
        }),
      ),
    );
    const sum = points.reduce((one, other) => one + other, 0);
    killPoints += sum;
    expect(sum).toBeGreaterThan(25);
  });

  it("while it restores a copy, leaves the state of before or the copy's, whole, and what was replaced whole beside it", async () => {
    const { home: prepared, copy } = await preparedHome();
    const found = new Set<number>();
    const points = await Promise.all(
      calls.map((call) =>
        sweep(call, async (nth) => {
          const home = newHome();
          cpSync(prepared, home, { recursive: true });
          if (await endsBefore([home, "restore", copy], call, nth)) return "ended";
          const steps = await whole(home);
          found.add(steps);
          expect([copiedAt, stands]).toContain(steps);
          const beside = readdirSync(home).find((name) => /\.replaced-\d+$/u.test(name));
          if (steps === copiedAt) expect(beside).toBeDefined();
          if (beside !== undefined) {
            await openStore({ home }).restore(join(home, beside), { force: true, without: [] });
            if ((await whole(home)) !== stands) lost++;
          }
          expect((await runChild([home, "restore", copy])).exit).toBe(0);
          expect(await whole(home)).toBe(copiedAt);
          return "killed";
        }),
      ),
    );
    const sum = points.reduce((one, other) => one + other, 0);
    killPoints += sum;
    expect(found).toEqual(new Set([copiedAt, stands]));
    expect(sum).toBeGreaterThan(30);
  });

  it("while it makes a copy, leaves the whole copy or none of that name", async () => {
    const { home } = await preparedHome();
    const points = await Promise.all(
      calls.map((call) =>
        sweep(call, async (nth) => {
          const copy = `${newHome()}-copy`;
          if (await endsBefore([home, "backup", copy], call, nth)) return "ended";
          const fresh = newHome();
          const masterKeyFile = join(home, "master.key");
          if (existsSync(copy)) {
            await openStore({ home: fresh }).restore(copy, { force: false, without: [], masterKeyFile });
            expect(await whole(fresh)).toBe(stands);
            rmSync(copy);
          }
          expect((await runChild([home, "backup", copy])).exit).toBe(0);
          return "killed";
        }),
      ),
    );
    killPoints += points.reduce((one, other) => one + other, 0);
    expect(await whole(home)).toBe(stands);
  });
});

describe("a process that is killed with -9 while it copies, restores and rotates again and again", () => {
  it("changes nothing of what stands, and every copy that it told of is whole", async () => {
    const { home } = await preparedHome();
    for (let round = 0; round < 20; round++) {
      let after = round % 5;
      const { lines } = await runChild([home, "shuttle", `${newHome()}-copy`], [], (kill) => {
        if (after-- > 0) return;
        const end = performance.now() + ((round * 1.7) % 12);
        while (performance.now() < end);
        kill();
      });
      if ((await whole(home)) !== stands) lost++;
      const copies = lines.flatMap(({ copied }) => (typeof copied === "string" ? [copied] : []));
      for (const copied of copies) {
        await openStore({ home })
          .restore(copied, { force: true, without: [] })
          .catch((error: unknown) => {
            // It was made under a key that was rotated since.
            expect(error).toMatchObject({ message: expect.stringMatching(/^The master key does not open/u) });
          });
        expect(await whole(home)).toBe(stands);
      }
      killPoints++;
    }
    expect(await whole(home)).toBe(stands);
  });
});

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
