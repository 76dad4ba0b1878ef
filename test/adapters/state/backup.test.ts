import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { openStore, type StateStore } from "../../../src/adapters/state/index.ts";
import { canaries } from "../../support/canary.ts";
import { runChild, stateLab, tamper } from "../../support/state-lab.ts";
import { notices, papers } from "../../support/state-papers.ts";

const { dir, newHome } = stateLab();
const secret = "canary/of the copy+7d20 zażółć";

async function sealedStore(home = newHome()): Promise<StateStore> {
  const store = openStore({ home });
  await store.commit([
    store.collection(papers).put("/a", { text: "t", secret }, 0),
    store.collection(notices).put("/n", { text: "open" }, 0),
  ]);
  return store;
}

let copies = 0;
const newFolder = (): string => {
  const folder = join(dir, `copies-${++copies}`);
  mkdirSync(folder);
  return folder;
};

describe("S13 a backup", () => {
  it("is one file of mode 0600, whatever the umask, with nothing open in it, without the master key and without a log", async () => {
    const home = newHome();
    const store = await sealedStore(home);
    const folder = newFolder();
    const before = process.umask(0);
    const answer = await store.backup(join(folder, "copy")).finally(() => process.umask(before));
    expect(answer).toEqual({
      bytes: statSync(join(folder, "copy")).size,
      records: 2,
      audit_rows: 0,
      audit_head: expect.any(String),
      audit_whole: true,
    });
    expect(readdirSync(folder)).toEqual(["copy"]);
    expect(statSync(join(folder, "copy")).mode & 0o777).toBe(0o600);
    expect(canaries(secret, { dir: folder, texts: {} })).toEqual([]);
    const key = Buffer.from(readFileSync(join(home, "master.key"), "utf8"), "base64");
    expect(readFileSync(join(folder, "copy")).includes(key)).toBe(false);
    expect(canaries(key.toString("base64"), { dir: folder, texts: {} })).toEqual([]);
  });

  it("S8 holds nothing of what was deleted before, not even sealed", async () => {
    const home = newHome();
    const store = await sealedStore(home);
    let sealed = "";
    tamper(
      home,
      (db) => void (sealed = String(db.prepare("SELECT sealed ->> '$.secret' AS s FROM records WHERE key = '/a'").get()?.["s"])),
    );
    await store.backup(join(dir, "with"));
    await store.commit([store.collection(papers).remove("/a", 1)]);
    await store.backup(join(dir, "without"));
    expect(readFileSync(join(dir, "with")).includes(sealed)).toBe(true);
    expect(readFileSync(join(dir, "without")).includes(sealed)).toBe(false);
  });

  it("replaces nothing, and says in one sentence where it cannot be written", async () => {
    const store = await sealedStore();
    const folder = newFolder();
    writeFileSync(join(folder, "file"), "mine");
    symlinkSync("nowhere", join(folder, "link"));
    mkdirSync(join(folder, "folder"));
    for (const name of ["file", "link", "folder"])
      await expect(store.backup(join(folder, name))).rejects.toMatchObject({
        code: "conflict",
        message: `${join(folder, name)} exists already.`,
      });
    await expect(store.backup(join(folder, "none/copy"))).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/no such folder/u),
    });
    await expect(store.backup(join(folder, "file/copy"))).rejects.toMatchObject({ code: "usage" });
    expect(readdirSync(folder).sort()).toEqual(["file", "folder", "link"]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
  });

  it("of a damaged store is refused: nobody should count on it", async () => {
    const home = newHome();
    const store = openStore({ home });
    await store.commit(
      Array.from({ length: 200 }, (_, index) => store.collection(notices).put(`/${index}`, { text: "x".repeat(2000) }, 0)),
    );
    await store.rotateKey({ of: "data key" });
    const bytes = readFileSync(store.path);
    bytes.fill(0x5a, 3 * 4096, 20 * 4096);
    writeFileSync(store.path, bytes);
    await expect(openStore({ home }).backup(join(dir, "damaged"))).rejects.toMatchObject({
      code: "conflict",
      message: `The store at ${store.path} is damaged.`,
    });
    expect(readdirSync(dir).filter((name) => name.startsWith("damaged"))).toEqual([]);
  });

  it("that the master key does not open is refused: nobody could restore it", async () => {
    const home = newHome();
    await sealedStore(home);
    rmSync(join(home, "master.key"));
    await expect(openStore({ home }).backup(join(dir, "keyless"))).rejects.toMatchObject({ code: "conflict" });
    expect(readdirSync(dir).filter((name) => name.startsWith("keyless"))).toEqual([]);
  });

  it("is of one instant, while fifty processes write: of two records that every commit writes together no copy holds two that differ", async () => {
    const home = newHome();
    const store = await sealedStore(home);
    let acknowledged = 0;
    const writers = Array.from({ length: 50 }, (_, index) => runChild([home, "pairs", `/${index}`], [], () => void acknowledged++));
    const ended = Promise.all(writers);
    const run = { over: false };
    void ended.then(() => (run.over = true));
    const seen: number[] = [];
    while (!run.over) {
      const told = acknowledged;
      const copy = join(dir, `live-${seen.length}`);
      await store.backup(copy);
      const db = new DatabaseSync(copy, { readOnly: true });
      const texts = db.prepare("SELECT key, body FROM records WHERE collection = 'notices' AND key <> '/n' ORDER BY key").all();
      db.close();
      const [left, right] = ["left", "right"].map((side) =>
        texts.filter(({ key }) => String(key).endsWith(side)).map(({ body }) => String(body)),
      );
      expect(left).toEqual(right);
      // What was acknowledged before it began is in it.
      const count = (left ?? []).reduce((sum, body) => sum + Number((JSON.parse(body) as { text: string }).text), 0);
      expect(count).toBeGreaterThanOrEqual(told);
      seen.push(count);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await ended).map(({ exit }) => exit)).toEqual(writers.map(() => 0));
    expect(new Set(seen).size).toBeGreaterThan(3);
  });
});

const tiny = join(dir, "tiny");
mkdirSync(tiny);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", tiny]).status === 0;
afterAll(() => {
  if (mounted) spawnSync("umount", ["-l", tiny]);
});

describe.runIf(mounted)("a backup onto a full disk (needs the right to mount)", () => {
  it.each([0, 4096, 20_480])("with room for %i bytes is unavailable and leaves nothing, not even half of it", async (room) => {
    const store = await sealedStore();
    writeFileSync(join(tiny, "ballast"), Buffer.alloc(65_536 - room));
    await expect(store.backup(join(tiny, "copy"))).rejects.toMatchObject({
      code: "unavailable",
      message: `The disk is full: ${join(tiny, "copy")} could not be written.`,
    });
    expect(readdirSync(tiny)).toEqual(["ballast"]);
    rmSync(join(tiny, "ballast"));
    await store.backup(join(tiny, "copy"));
    rmSync(join(tiny, "copy"));
  });
});
