import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore, type StateStore } from "../../../src/adapters/state/index.ts";
import { bytesOf, runChild, stateLab, tamper } from "../../support/state-lab.ts";
import { papers } from "../../support/state-papers.ts";

const { dir, newHome } = stateLab();
const newKey = (): string => randomBytes(32).toString("base64");

async function sealedStore(home: string, masterKey?: string): Promise<StateStore> {
  const store = openStore({ home, masterKey });
  await store.commit([store.collection(papers).put("/a", { text: "t", secret: "s" }, 0)]);
  return store;
}

const keyFile = (home: string): string => join(home, "master.key");
const keyFiles = (home: string): string[] => readdirSync(home).filter((name) => name.startsWith("master"));
const secretIn = async (store: StateStore): Promise<string | undefined> => (await store.collection(papers).get("/a"))?.value.secret;

function wrappedKeys(home: string): Buffer[] {
  let found: Buffer[] = [];
  tamper(home, (db) => {
    const rows = db.prepare("SELECT wrapped FROM data_keys UNION ALL SELECT proof FROM master_key").all();
    found = rows.map((row) => Buffer.from(Object.values(row)[0] as Uint8Array));
  });
  return found;
}

describe("S3 a rotation of the master key in its file", () => {
  it("puts a new key there, mode 0600 and alone, and the old one opens nothing any more", async () => {
    const home = newHome();
    const before = await sealedStore(home);
    const old = readFileSync(keyFile(home), "utf8");
    expect(await openStore({ home }).rotateKey({ of: "all" })).toMatchObject({ resealed: 1, master_key: "new" });
    expect(readFileSync(keyFile(home), "utf8")).not.toBe(old);
    expect(statSync(keyFile(home)).mode & 0o777).toBe(0o600);
    expect(keyFiles(home)).toEqual(["master.key"]);
    expect(await secretIn(openStore({ home }))).toBe("s");
    // It was open before, and holds the old keys in memory.
    expect(await secretIn(before)).toBe("s");
    await before.commit([before.collection(papers).put("/b", { text: "t", secret: "later" }, 0)]);
    expect(await openStore({ home }).collection(papers).get("/b")).toMatchObject({ value: { secret: "later" } });
    writeFileSync(keyFile(home), old);
    await expect(secretIn(openStore({ home }))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/is not the key/u),
    });
  });

  it("S8 leaves no wrapped key and no proof of before in any file", async () => {
    const home = newHome();
    const store = await sealedStore(home);
    const before = wrappedKeys(home);
    expect(before).toHaveLength(2);
    const heaps = (): Buffer[] => readdirSync(home).map((name) => readFileSync(join(home, name)));
    for (const cell of before) expect(heaps().some((heap) => heap.includes(cell))).toBe(true);
    await store.rotateKey({ of: "all" });
    for (const cell of before) expect(heaps().some((heap) => heap.includes(cell))).toBe(false);
  });

  it("makes the first key where nothing was sealed before", async () => {
    const home = newHome();
    expect(await openStore({ home }).rotateKey({ of: "all" })).toMatchObject({ resealed: 0, master_key: "kept" });
    expect(keyFiles(home)).toEqual(["master.key"]);
  });

  it("leaves the master key as it is when only the data key is meant", async () => {
    const home = newHome();
    const store = await sealedStore(home);
    const key = readFileSync(keyFile(home), "utf8");
    expect(await store.rotateKey({ of: "data key" })).toMatchObject({ resealed: 1, master_key: "kept" });
    expect(readFileSync(keyFile(home), "utf8")).toBe(key);
  });
});

/** A home as a rotation leaves it that was killed between its commit and the renaming: the old key in its place, the new one waits. */
async function homeWithWaitingKey(): Promise<string> {
  const home = newHome();
  const store = await sealedStore(home);
  const old = readFileSync(keyFile(home));
  await store.rotateKey({ of: "all" });
  const proof = wrappedKeys(home).at(-1)?.toString("hex", 0, 8);
  renameSync(keyFile(home), `${keyFile(home)}.${proof}`);
  writeFileSync(keyFile(home), old, { mode: 0o600 });
  return home;
}

describe("a rotation that was killed after its commit", () => {
  it("is finished by the next one who opens a record, in that very instant", async () => {
    const home = await homeWithWaitingKey();
    expect(keyFiles(home)).toHaveLength(2);
    expect(await secretIn(openStore({ home }))).toBe("s");
    expect(keyFiles(home)).toEqual(["master.key"]);
    expect(await secretIn(openStore({ home }))).toBe("s");
  });

  it("is finished by the next rotation", async () => {
    const home = await homeWithWaitingKey();
    await openStore({ home }).rotateKey({ of: "all" });
    expect(keyFiles(home)).toEqual(["master.key"]);
    expect(await secretIn(openStore({ home }))).toBe("s");
  });

  it.runIf(process.geteuid?.() === 0)(
    "opens all the same where nobody may rename (needs root to become somebody who may not)",
    async () => {
      const home = await homeWithWaitingKey();
      chmodSync(dir, 0o711);
      for (const name of [".", ...readdirSync(home)]) chownSync(join(home, name), 65534, 65534);
      chmodSync(home, 0o500);
      expect((await runChild([home, "list", "", "65534"])).lines).toEqual([{ answer: ["s"] }]);
      expect(keyFiles(home)).toHaveLength(2);
    },
  );
});

describe("a rotation that was killed before its commit", () => {
  it("leaves a key that opens nothing and that nobody takes, and the next rotation removes it", async () => {
    const home = newHome();
    const store = await sealedStore(home);
    const stray = `${keyFile(home)}.0123456789abcdef`;
    writeFileSync(stray, `${newKey()}\n`, { mode: 0o600 });
    writeFileSync(`${keyFile(home)}.mine`, "a user's own", { mode: 0o600 });
    expect(await secretIn(openStore({ home }))).toBe("s");
    expect(existsSync(stray)).toBe(true);
    await store.rotateKey({ of: "all" });
    expect(keyFiles(home)).toEqual(["master.key", "master.key.mine"]);
  });
});

describe("a rotation of a master key in USC_MASTER_KEY", () => {
  const written = (key: string, mode = 0o600): string => {
    const file = join(newHome(), "..", `next-${randomBytes(4).toString("hex")}`);
    writeFileSync(file, `${key}\n`, { mode });
    return file;
  };

  it("takes the key that the user made; who runs with the old one goes on, and who starts with it hears what to do", async () => {
    const home = newHome();
    const [old, next] = [newKey(), newKey()];
    const running = await sealedStore(home, old);
    expect(await openStore({ home, masterKey: old }).rotateKey({ of: "master key", file: written(next) })).toMatchObject({
      resealed: 0,
      master_key: "given",
    });
    expect(keyFiles(home)).toEqual([]);
    expect(await secretIn(running)).toBe("s");
    await running.commit([running.collection(papers).put("/b", { text: "t", secret: "later" }, 0)]);
    await expect(secretIn(openStore({ home, masterKey: old }))).rejects.toMatchObject({
      code: "conflict",
      message: "USC_MASTER_KEY is not the key this store was sealed with.",
      details: { hint: expect.stringContaining("set the variable to that and start again") },
    });
    const started = openStore({ home, masterKey: next });
    expect(await started.rotateKey({ of: "data key" })).toMatchObject({ resealed: 2 });
    expect(await secretIn(started)).toBe("s");
    await expect(secretIn(running)).rejects.toMatchObject({ code: "conflict" });
  });

  it("is refused without a key that the user made, with the present one, or where a key file would say otherwise", async () => {
    const home = newHome();
    const key = newKey();
    const store = await sealedStore(home, key);
    const before = bytesOf(home);
    const refused = (file: string, code: string) => expect(store.rotateKey({ of: "master key", file })).rejects.toMatchObject({ code });
    await expect(store.rotateKey({ of: "all" })).rejects.toMatchObject({ code: "usage" });
    await refused(written(key), "conflict");
    await refused(written("password"), "usage");
    await refused(written(newKey(), 0o644), "conflict");
    await refused(join(home, "none"), "usage");
    expect(bytesOf(home)).toEqual(before);
    writeFileSync(keyFile(home), `${key}\n`, { mode: 0o600 });
    await refused(written(newKey()), "usage");
    await expect((await sealedStore(newHome())).rotateKey({ of: "master key", file: written(newKey()) })).rejects.toMatchObject({
      code: "usage",
    });
  });
});

describe("processes that open a store again and again while its master key is rotated", () => {
  it("never meet a key that does not fit, though the file and the store change one after the other", async () => {
    const home = newHome();
    const store = await sealedStore(home);
    let at = 0;
    const readers = Array.from({ length: 4 }, () => runChild([home, "reopen", "400"], [], () => void at++));
    let rotations = 0;
    const ended = Promise.all(readers).finally(() => (at = Number.POSITIVE_INFINITY));
    while (Number.isFinite(at) && rotations < 400) {
      await store.rotateKey({ of: "all" });
      rotations++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await ended).map(({ lines }) => lines.at(-1))).toEqual(readers.map(() => ({ answer: "reopened" })));
    expect(rotations).toBeGreaterThan(20);
    expect(keyFiles(home)).toEqual(["master.key"]);
  });
});

describe("fifty processes that write sealed records while the master key is rotated", () => {
  it("keep every record, and each opens under the keys that stand", async () => {
    const home = newHome();
    const store = await sealedStore(home);
    const names = Array.from({ length: 50 }, (_, index) => `/${index}`);
    const run = { over: false };
    const ended = Promise.all(names.map((name) => runChild([home, "put", name]))).finally(() => (run.over = true));
    let rotations = 0;
    while (!run.over) {
      await store.rotateKey({ of: "all" });
      rotations++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await ended).filter(({ exit }) => exit !== 0)).toEqual([]);
    expect(rotations).toBeGreaterThan(5);
    const kept = await openStore({ home }).collection(papers).list();
    expect(new Set(kept.map(({ value }) => value.secret))).toEqual(new Set(["s", ...names.map((name) => `secret of ${name}`)]));
    tamper(home, (db) => expect(db.prepare("SELECT count(*) AS keys FROM data_keys").get()).toEqual({ keys: 1 }));
  });
});
