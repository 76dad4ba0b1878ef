import { randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { openStore, type StateStore } from "../../../src/adapters/state/index.ts";
import type { AuditRow } from "../../../src/features/audit/port.ts";
import type { RestoreOptions } from "../../../src/features/state/port.ts";
import type { Entry, Outcome } from "../../../src/kernel/audit.ts";
import { homeOfLayout1 } from "../../support/old-layouts.ts";
import { bytesOf, runChild, stateLab, tamper } from "../../support/state-lab.ts";
import { leaves, notices, papers } from "../../support/state-papers.ts";

const { dir, newHome } = stateLab();
const plain: RestoreOptions = { force: false, without: [] };
const forced: RestoreOptions = { force: true, without: [] };
const entry = (operation: string): Entry => ({ time: "2026-01-01T00:00:00Z", operation, caller: "me" });
const ok: Outcome = { time: "2026-01-01T00:00:01Z", outcome: "ok", duration_ms: 1 };

let copies = 0;
const newCopy = (): string => join(dir, `copy-${++copies}`);

/** As a face does it: in the audit before and after. */
async function audited<T>({ audit }: StateStore, operation: string, act: () => Promise<T>): Promise<T> {
  const intent = await audit.intend(entry(operation));
  const answer = await act();
  await audit.close(intent, ok);
  return answer;
}

async function furnished(home: string, masterKey?: string): Promise<StateStore> {
  const store = openStore({ home, masterKey });
  await audited(store, "furnish", () =>
    store.commit([
      store.collection(papers).put("/a", { text: "t", secret: "s of /a", pin: "p" }, 0),
      store.collection(leaves).put("/l", { text: "t", secret: "s of /l" }, 0),
      store.collection(notices).put("/n", { text: "open" }, 0),
    ]),
  );
  await store.nextId("paper");
  await store.nextId("paper");
  return store;
}

async function contents(store: StateStore): Promise<Record<string, unknown>> {
  const lists = await Promise.all([papers, leaves, notices].map((kind) => store.collection(kind).list()));
  return Object.fromEntries(lists.flat().map(({ key, value }) => [key, value]));
}

async function rows({ audit }: StateStore): Promise<string[]> {
  const found: AuditRow[] = [];
  for await (const page of audit.pages({})) found.push(...page);
  return found.map(({ operation, outcome }) => `${operation} ${outcome}`).toReversed();
}

const restored = (store: StateStore, from: string, how: RestoreOptions = plain) =>
  audited(store, "state restore", () => store.restore(from, how));

/** A copy of a furnished home, that home's store and its key file. */
async function copied(): Promise<{ home: string; store: StateStore; copy: string; key: string }> {
  const home = newHome();
  const store = await furnished(home);
  const copy = newCopy();
  await store.backup(copy);
  return { home, store, copy, key: join(home, "master.key") };
}

const everything = { "/a": { text: "t", secret: "s of /a", pin: "p" }, "/l": { text: "t", secret: "s of /l" }, "/n": { text: "open" } };

describe("S13 a copy that is restored into an empty home", () => {
  it("brings all records, numbers and the audit, which goes on with the restore itself", async () => {
    const { copy, key } = await copied();
    const home = newHome();
    mkdirSync(home, { mode: 0o700 });
    copyFileSync(key, join(home, "master.key"));
    const store = openStore({ home });
    expect(await restored(store, copy)).toEqual({
      records: 3,
      damaged: 0,
      audit: "restored",
      audit_head: expect.stringMatching(/^[0-9a-f]{64}$/u),
    });
    expect(await contents(openStore({ home }))).toEqual(everything);
    expect(await store.nextId("paper")).toBe(3);
    expect(await rows(store)).toEqual(["furnish ok", "state restore ok"]);
    expect(await store.audit.verify()).toMatchObject({ count: 4, findings: [] });
    expect(readdirSync(home).filter((name) => name.includes("replaced"))).toEqual([]);
  });

  it("needs the key of its time, and is sealed under this home's own afterwards", async () => {
    const { copy, key } = await copied();
    const home = newHome();
    const store = openStore({ home });
    await expect(restored(store, copy)).rejects.toMatchObject({
      code: "conflict",
      message: `The master key does not open ${copy}: it was sealed under another one.`,
    });
    expect(await contents(store)).toEqual({});
    await restored(store, copy, { ...plain, masterKeyFile: key });
    rmSync(key);
    expect(await contents(openStore({ home }))).toEqual(everything);
    expect(await openStore({ home }).audit.verify()).toMatchObject({ findings: [] });
  });

  it("opens where the master key is in the variable, too", async () => {
    const masterKey = randomBytes(32).toString("base64");
    const copy = newCopy();
    await (await furnished(newHome(), masterKey)).backup(copy);
    const home = newHome();
    await restored(openStore({ home, masterKey }), copy);
    expect(await contents(openStore({ home, masterKey }))).toEqual(everything);
  });

  it("is raised to the layout of today if it is older", async () => {
    const old = newHome();
    homeOfLayout1(old);
    const copy = newCopy();
    writeFileSync(copy, "", { mode: 0o600 });
    const db = new DatabaseSync(join(old, "usc.db"));
    db.prepare("VACUUM INTO ?").run(copy);
    db.close();
    const store = openStore({ home: newHome() });
    expect(await restored(store, copy)).toMatchObject({ records: 1, audit: "continued" });
    expect(await contents(store)).toEqual({ "/n": { text: "old" } });
    expect(await rows(store)).toEqual(["state restore ok"]);
  });
});

describe("a state that holds something", () => {
  it("is replaced by force only, and lies beside afterwards, whole and mode 0600", async () => {
    const { home, store, copy } = await copied();
    await store.commit([
      store.collection(papers).put("/later", { text: "t", secret: "later" }, 0),
      store.collection(notices).remove("/n", 1),
    ]);
    const before = await contents(store);
    await expect(restored(store, copy)).rejects.toMatchObject({ code: "conflict", details: { hint: expect.stringContaining("--force") } });
    expect(await contents(store)).toEqual(before);
    const { replaced_file: replaced = "" } = await restored(store, copy, forced);
    expect(await contents(store)).toEqual(everything);
    expect(statSync(replaced).mode & 0o777).toBe(0o600);
    expect(readdirSync(home).filter((name) => name.includes("unfinished"))).toEqual([]);
    await restored(store, replaced, forced);
    expect(await contents(store)).toEqual(before);
  });

  it("keeps its audit, which knows what was done since the copy was made", async () => {
    const { store, copy } = await copied();
    await audited(store, "steal", async () => {});
    const { head } = await store.audit.verify();
    expect(await restored(store, copy, forced)).toMatchObject({ audit: "continued" });
    expect(await rows(store)).toEqual(["furnish ok", "steal ok", "state restore ok"]);
    const verdict = await store.audit.verify();
    expect(verdict.findings).toEqual([]);
    expect(verdict.head).not.toBe(head);
  });

  it("of another origin gives way with its audit; numbers of rows go on above both", async () => {
    const { copy, key } = await copied();
    const home = newHome();
    const store = await furnished(home);
    for (let index = 0; index < 5; index++) await audited(store, "live", async () => {});
    const { last } = await store.audit.verify();
    const answer = await restored(store, copy, { ...forced, masterKeyFile: key });
    expect(answer).toMatchObject({ audit: "restored", replaced_file: expect.any(String) });
    expect(await rows(store)).toEqual(["furnish ok", "state restore ok"]);
    expect(await store.audit.verify()).toMatchObject({ count: 4, last: last + 3, findings: [] });
    await audited(store, "go on", async () => {});
    await store.audit.prune("2026-01-02T00:00:00Z");
    expect(await store.audit.verify()).toMatchObject({ count: 0, findings: [] });
  });

  it("is seen restored at the next look of who has it open, and what he read before he cannot write any more", async () => {
    const { home, store, copy } = await copied();
    const other = openStore({ home });
    const read = await other.collection(papers).get("/a");
    const begun = await other.audit.intend(entry("slow"));
    expect(await store.nextId("paper")).toBe(3);
    await store.commit([store.collection(papers).put("/b", { text: "t", secret: "b" }, 0)]);
    await restored(store, copy, forced);
    expect(await contents(other)).toEqual(everything);
    await expect(other.commit([other.collection(papers).put("/a", { text: "stale" }, read?.revision)])).rejects.toMatchObject({
      code: "conflict",
    });
    await other.audit.close(begun, ok);
    expect(await rows(store)).toEqual(["furnish ok", "slow ok", "state restore ok"]);
    expect(await store.nextId("paper")).toBe(4);
  });

  it("of another origin does not take an outcome for another call's: it stands as a row of its own", async () => {
    const { copy, key } = await copied();
    const home = newHome();
    const other = openStore({ home });
    const begun = await other.audit.intend(entry("slow"));
    const store = openStore({ home });
    await restored(store, copy, { ...plain, masterKeyFile: key });
    await other.audit.close(begun, ok);
    expect(await rows(store)).toEqual(["furnish ok", "state restore ok", "slow ok"]);
    expect(await store.audit.verify()).toMatchObject({ findings: [] });
  });

  it("does not give back what was good for a while only", async () => {
    const { store, copy } = await copied();
    expect(await restored(store, copy, { ...forced, without: [leaves.name] })).toMatchObject({ records: 2 });
    expect(Object.keys(await contents(store))).toEqual(["/a", "/n"]);
  });
});

describe("a copy with a record that its own keys do not open", () => {
  it("gives back all others, and that one says so when it is used", async () => {
    const { store, copy } = await copied();
    changed(copy, "UPDATE records SET sealed = json_set(sealed, '$.secret', sealed ->> '$.pin') WHERE key = '/a'");
    expect(await restored(store, copy, forced)).toMatchObject({ records: 3, damaged: 1 });
    await expect(store.collection(papers).get("/a")).rejects.toMatchObject({ message: expect.stringContaining("/a is a damaged record") });
    expect(await store.collection(leaves).get("/l")).toMatchObject({ value: { secret: "s of /l" } });
  });
});

function changed(copy: string, sql: string): void {
  const db = new DatabaseSync(copy, { defensive: false });
  db.exec(sql);
  db.close();
}

const refusals: [string, RegExp, (copy: string, home: string) => string | void][] = [
  ["none", /^There is no file /u, () => join(dir, "none")],
  ["a folder", /no regular file/u, () => dir],
  ["a link", /is a link/u, (copy) => (symlinkSync(copy, `${copy}-link`), `${copy}-link`)],
  ["a file that others can read", /^Other users can read the copy/u, (copy) => chmodSync(copy, 0o644)],
  ["an empty file", /it is no database/u, (copy) => writeFileSync(copy, "")],
  ["a text", /it is no database/u, (copy) => writeFileSync(copy, "password\n".repeat(1000))],
  ["a cut file", /it was cut off/u, (copy) => truncateSync(copy, statSync(copy).size - 4096)],
  [
    "a file with something behind",
    /it was cut off, or something was added/u,
    (copy) => writeFileSync(copy, Buffer.alloc(512), { flag: "a" }),
  ],
  ["a file with a broken page", /it is damaged/u, (copy) => writeFileSync(copy, readFileSync(copy).fill(0x5a, 4096, 3 * 4096))],
  ["another program's database", /which usc did not put there/u, (copy) => changed(copy, "CREATE TABLE theirs (x)")],
  [
    "one with a trigger",
    /trigger t, which usc did not put there/u,
    (copy) => changed(copy, "CREATE TRIGGER t AFTER INSERT ON records BEGIN SELECT 1; END"),
  ],
  ["one with a table less", /fewer tables/u, (copy) => changed(copy, "DROP TABLE counters")],
  ["a newer layout", /has layout 99/u, (copy) => changed(copy, "PRAGMA user_version = 99")],
  ["no layout at all", /which usc did not put there/u, (copy) => changed(copy, "PRAGMA user_version = 0")],
  ["a changed audit", /^The audit in .* is not as usc wrote it/u, (copy) => changed(copy, "UPDATE audit SET caller = 'nobody'")],
  ["a cut audit", /^The audit in .* is not as usc wrote it/u, (copy) => changed(copy, "DELETE FROM audit WHERE id > 1")],
  ["an audit without its end", /^The audit in/u, (copy) => changed(copy, "UPDATE audit_ends SET proof = x'00'")],
  ["no data keys", /is damaged/u, (copy) => changed(copy, "DELETE FROM data_keys")],
  ["changed data keys", /its own keys are damaged/u, (copy) => changed(copy, "UPDATE data_keys SET wrapped = zeroblob(69)")],
  ["another master key", /does not open/u, (copy) => changed(copy, "UPDATE master_key SET proof = zeroblob(32)")],
  ["the live store itself", /it is the file of a live store/u, (_, home) => join(home, "usc.db")],
];

describe("what is no whole copy of a state", () => {
  it.each(refusals)("%s is refused in one sentence, and nothing has changed", async (_, sentence, spoil) => {
    const { home, store, copy } = await copied();
    const from = spoil(copy, home) ?? copy;
    const before = bytesOf(home);
    const failure = await store.restore(from, forced).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: "UscError",
      code: expect.stringMatching(/^(conflict|not_found)$/u),
      message: expect.stringMatching(sentence),
      details: { hint: expect.any(String) },
    });
    expect(bytesOf(home)).toEqual(before);
  });
});

const tiny = join(dir, "tiny");
mkdirSync(tiny);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", tiny]).status === 0;
afterAll(() => {
  if (mounted) spawnSync("umount", ["-l", tiny]);
});

describe.runIf(mounted)("a restore on a full disk (needs the right to mount)", () => {
  it("is unavailable, has not happened, leaves nothing half, and goes through when there is room", async () => {
    const source = await furnished(newHome());
    const many = Array.from({ length: 60 }, (_, index) => source.collection(notices).put(`/many/${index}`, { text: "x".repeat(4000) }, 0));
    await source.commit(many);
    const copy = newCopy();
    await source.backup(copy);
    const home = join(tiny, "home");
    const store = await furnished(home);
    const before = await contents(store);
    const how = { ...forced, masterKeyFile: join(source.path, "../master.key") };
    let room = 0;
    // From no room at all to enough of it.
    for (let failed = true; failed; room += 65_536) {
      rmSync(join(tiny, "ballast"), { force: true });
      spawnSync("sh", ["-c", `cat /dev/zero > ${join(tiny, "ballast")}; truncate -s -${room} ${join(tiny, "ballast")}`]);
      const failure = await store.restore(copy, how).then(
        () => undefined,
        (error: unknown) => error,
      );
      failed = failure !== undefined;
      if (!failed) break;
      expect(failure).toMatchObject({ code: "unavailable", message: expect.stringMatching(/^The disk is full/u) });
      rmSync(join(tiny, "ballast"), { force: true });
      expect(await contents(store)).toEqual(before);
      expect(await store.audit.verify()).toMatchObject({ findings: [] });
      expect(readdirSync(home).filter((name) => name.includes("unfinished"))).toEqual([]);
    }
    expect(room).toBeGreaterThan(65_536);
    expect(Object.keys(await contents(store))).toHaveLength(63);
  });
});

describe("fifty processes that write while a copy is restored", () => {
  it("fail at most with what was changed meanwhile, and all that stands afterwards is whole", async () => {
    const { home, store, copy } = await copied();
    let written = 0;
    const writers = Array.from({ length: 50 }, (_, index) => runChild([home, "pairs", `/${index}`], [], () => void written++));
    const ended = Promise.all(writers);
    const run = { over: false };
    void ended.then(() => (run.over = true));
    let restores = 0;
    for (let last = 0; !run.over;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (written === last) continue;
      last = written;
      await restored(store, copy, forced);
      restores++;
    }
    expect((await ended).map(({ exit }) => exit)).toEqual(writers.map(() => 0));
    expect(restores).toBeGreaterThan(3);
    const pairs = Object.entries(await contents(store)).filter(([key]) => /left$|right$/u.test(key));
    for (const [key, value] of pairs) expect(pairs).toContainEqual([key.replace(/left$/u, "right"), value]);
    expect(await store.audit.verify()).toMatchObject({ findings: [] });
    tamper(home, (db) => expect(db.prepare("PRAGMA quick_check").all()).toEqual([{ quick_check: "ok" }]));
  });
});
