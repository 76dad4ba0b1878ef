import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../../src/adapters/state/index.ts";
import { runChild, stateLab } from "../../support/state-lab.ts";
import { papers } from "../../support/state-papers.ts";

const { dir, newHome } = stateLab();
const asRoot = process.geteuid?.() === 0;
const nobody = "65534";

const tiny = join(dir, "tiny");
mkdirSync(tiny);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=512k,mode=700", "tmpfs", tiny]).status === 0;
afterAll(() => {
  if (mounted) spawnSync("umount", ["-l", tiny]);
});

/** The last line is the failure; each before it stands for a record. */
function acknowledged(lines: readonly unknown[]): Set<string> {
  return new Set(lines.slice(0, -1).map((_, index) => `s${index}`));
}

describe("a full disk", () => {
  it.runIf(mounted)(
    "is said to be full, loses nothing that was acknowledged, and heals when there is room (needs the right to mount)",
    async () => {
      const ballast = join(tiny, "ballast");
      writeFileSync(ballast, Buffer.alloc(100_000));
      const home = join(tiny, "home");
      const { exit, lines } = await runChild([home, "fill", "500"]);
      expect(exit).toBe(1);
      expect(lines.at(-1)).toMatchObject({ code: "unavailable", error: expect.stringContaining("The disk is full") });
      rmSync(ballast);
      const kept = await runChild([home, "list", ""]);
      expect(new Set(kept.lines[0]?.["answer"] as string[])).toEqual(acknowledged(lines));
      expect((await runChild([home, "put", "/after"])).exit).toBe(0);
    },
  );

  it.runIf(mounted)("is said to be full also at a first run", async () => {
    writeFileSync(join(tiny, "ballast"), Buffer.alloc(0));
    spawnSync("sh", ["-c", `cat /dev/zero > ${join(tiny, "ballast")}`]);
    const { exit, lines } = await runChild([join(tiny, "second"), "put", "/a"]);
    expect(exit).toBe(1);
    expect(lines).toMatchObject([{ code: "unavailable", error: expect.stringContaining("The disk is full") }]);
  });

  it.runIf(mounted)("makes no failure of a removal that was committed, when only its trace cannot be cleared from the log", async () => {
    const ballast = join(tiny, "ballast");
    for (const name of ["ballast", "home", "second"]) rmSync(join(tiny, name), { recursive: true, force: true });
    const store = openStore({ home: join(tiny, "third") });
    const collection = store.collection(papers);
    // What is in the log by then does not fit into the file.
    await store.commit(Array.from({ length: 8 }, (_, index) => collection.put(`/${index}`, { text: "x".repeat(8192), secret: "s" }, 0)));
    spawnSync("sh", ["-c", `cat /dev/zero > ${ballast}; truncate -s -40K ${ballast}`]);
    await store.commit([collection.remove("/0", 1)]);
    expect(await collection.list()).toHaveLength(7);
    rmSync(ballast);
  });

  it("or a limit on the size of files is unavailable, and loses nothing that was acknowledged", async () => {
    const home = newHome();
    const { exit, lines } = await runChild([home, "fill", "500"], ["prlimit", "--fsize=400000"]);
    expect(exit).toBe(1);
    expect(lines.at(-1)).toMatchObject({ code: "unavailable" });
    expect(lines.length).toBeGreaterThan(5);
    const kept = await openStore({ home }).collection(papers).list();
    expect(new Set(kept.map((paper) => paper.value.secret))).toEqual(acknowledged(lines));
  });
});

describe.runIf(asRoot)("a read-only folder (needs root to become somebody who may not write)", () => {
  const own = (home: string, modeOfFiles: number): void => {
    for (const name of readdirSync(home)) {
      chownSync(join(home, name), 65534, 65534);
      chmodSync(join(home, name), modeOfFiles);
    }
    chownSync(home, 65534, 65534);
    chmodSync(home, 0o500);
    chmodSync(dir, 0o711);
  };

  async function sealedHome(): Promise<string> {
    const home = newHome();
    expect((await runChild([home, "put", "/a"])).exit).toBe(0);
    return home;
  }

  it("is read all the same after an orderly end, and a write says what is wrong", async () => {
    const home = await sealedHome();
    execFileSync(process.execPath, [
      "-e",
      "new (require('node:sqlite').DatabaseSync)(process.argv[1]).exec('PRAGMA wal_checkpoint(TRUNCATE)')",
      join(home, "usc.db"),
    ]);
    for (const suffix of ["-wal", "-shm"]) rmSync(join(home, `usc.db${suffix}`), { force: true });
    own(home, 0o400);
    expect((await runChild([home, "list", "", nobody])).lines).toEqual([{ answer: ["secret of /a"] }]);
    const { exit, lines } = await runChild([home, "put", "/b", nobody]);
    expect(exit).toBe(1);
    expect(lines).toMatchObject([{ code: "unavailable", error: `The store at ${join(home, "usc.db")} is read-only.` }]);
  });

  it("is read all the same with a log in it, and a write says what is wrong", async () => {
    const home = await sealedHome();
    own(home, 0o400);
    expect((await runChild([home, "list", "", nobody])).lines).toEqual([{ answer: ["secret of /a"] }]);
    expect((await runChild([home, "put", "/b", nobody])).lines).toMatchObject([
      { code: "unavailable", error: expect.stringContaining("is read-only") },
    ]);
  });

  it("in which no store can be made is unavailable", async () => {
    const home = newHome();
    mkdirSync(home);
    own(home, 0o400);
    expect((await runChild([home, "list", "", nobody])).lines).toMatchObject([
      { code: "unavailable", error: expect.stringContaining("usc may not use") },
    ]);
  });
});
