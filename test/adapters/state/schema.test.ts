import { writeFileSync, mkdirSync, truncateSync, statSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore } from "../../../src/adapters/state/index.ts";
import { stateLab, tamper } from "../../support/state-lab.ts";
import { notices, papers } from "../../support/state-papers.ts";

const { newHome } = stateLab();

async function closedHome(): Promise<string> {
  const home = newHome();
  const store = openStore({ home });
  const text = "x".repeat(20_000);
  const changes = Array.from({ length: 40 }, (_, index) => store.collection(papers).put(`/${index}`, { text, secret: "s" }, 0));
  await store.commit([...changes, store.collection(notices).put("/n", { text: "open" }, 0)]);
  tamper(home, (db) => db.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  return home;
}

describe("S10 a schema that is not ours", () => {
  it.each([
    [
      "trigger spy",
      "CREATE TABLE loot (x); CREATE TRIGGER spy AFTER INSERT ON records BEGIN INSERT INTO loot VALUES (new.body); END",
      "trigger spy",
    ],
    ["a trigger alone", "CREATE TRIGGER wipe AFTER INSERT ON records BEGIN DELETE FROM records; END", "trigger wipe"],
    ["a view", "CREATE VIEW peek AS SELECT * FROM records", "view peek"],
    ["a table", "CREATE TABLE loot (x)", "table loot"],
    ["an index", "CREATE INDEX slow ON records (body)", "index slow"],
    ["a view in a table's place", "ALTER TABLE records RENAME TO hidden; CREATE VIEW records AS SELECT * FROM hidden", "view records"],
    ["another column", "ALTER TABLE records ADD COLUMN extra TEXT", "table records"],
  ])("refuses %s, with its name", async (_, sql, name) => {
    const home = await closedHome();
    const store = openStore({ home });
    tamper(home, (db) => db.exec(sql));
    const failure = { code: "conflict", message: expect.stringContaining(name) };
    await expect(store.commit([store.collection(notices).put("/m", { text: "x" })])).rejects.toMatchObject(failure);
    expect(() => openStore({ home })).toThrow(expect.objectContaining(failure));
  });

  it("refuses a store without one of its tables, and another program's database", async () => {
    const home = await closedHome();
    tamper(home, (db) => db.exec("DROP TABLE counters"));
    expect(() => openStore({ home })).toThrow(
      expect.objectContaining({ code: "conflict", message: expect.stringContaining("fewer tables") }),
    );
    const foreign = newHome();
    mkdirSync(foreign, 0o700);
    writeFileSync(join(foreign, "usc.db"), "", { mode: 0o600 });
    tamper(foreign, (db) => db.exec("CREATE TABLE bookmarks (url TEXT)"));
    expect(() => openStore({ home: foreign })).toThrow(
      expect.objectContaining({ code: "conflict", message: expect.stringContaining("table bookmarks") }),
    );
  });
});

describe("a store that cannot be trusted", () => {
  it("of a newer layout is refused untouched, naming both", async () => {
    const home = await closedHome();
    tamper(home, (db) => db.exec("PRAGMA user_version = 3; CREATE TABLE future (x)"));
    const before = readFileSync(join(home, "usc.db"));
    expect(() => openStore({ home })).toThrow(
      expect.objectContaining({
        code: "conflict",
        message: `The store at ${join(home, "usc.db")} has layout 3; this usc knows layouts up to 2.`,
      }),
    );
    expect(readFileSync(join(home, "usc.db")).equals(before)).toBe(true);
  });

  it.each([
    ["is no database", (path: string) => writeFileSync(path, "this is no database, but it is long enough to be taken for one ".repeat(20))],
    ["was cut by a page", (path: string) => truncateSync(path, statSync(path).size - 4096)],
    ["was cut in half", (path: string) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ["was cut within its first page", (path: string) => truncateSync(path, 300)],
  ])("that %s is said to be damaged", async (_, damage) => {
    const home = await closedHome();
    damage(join(home, "usc.db"));
    expect(() => openStore({ home })).toThrow(
      expect.objectContaining({ code: "conflict", message: `The store at ${join(home, "usc.db")} is damaged.` }),
    );
  });

  it("with pages overwritten is said to be damaged when they are read, not before", async () => {
    const home = await closedHome();
    const path = join(home, "usc.db");
    const bytes = readFileSync(path);
    bytes.fill(0, 4096 * 12);
    writeFileSync(path, bytes);
    await expect((async () => openStore({ home }).collection(papers).list())()).rejects.toMatchObject({
      code: "conflict",
      message: `The store at ${path} is damaged.`,
    });
  });

  it("is made anew from an empty file: what a first run leaves that was killed at once", async () => {
    const home = newHome();
    mkdirSync(home, 0o700);
    writeFileSync(join(home, "usc.db"), "", { mode: 0o600 });
    expect(await openStore({ home }).collection(papers).list()).toEqual([]);
  });
});
