import type { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openStore, type StateStore } from "../../../src/adapters/state/index.ts";
import type { AuditFilter, AuditRow } from "../../../src/features/audit/port.ts";
import type { Entry, Outcome } from "../../../src/kernel/audit.ts";
import { homeOfLayout1 } from "../../support/old-layouts.ts";
import { runChild, stateLab, tamper } from "../../support/state-lab.ts";
import { notices, papers } from "../../support/state-papers.ts";

const { newHome } = stateLab();

const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, "0")}:00Z`;
const entry = (minute: number, more: Partial<Entry> = {}): Entry => ({
  time: at(minute),
  operation: "paint",
  item: "/wall",
  caller: "me",
  ...more,
});
const ok = (minute: number, more: Partial<Outcome> = {}): Outcome => ({ time: at(minute), outcome: "ok", duration_ms: 5, ...more });

async function listed({ audit }: StateStore, filter: AuditFilter = {}): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  for await (const page of audit.pages(filter)) rows.push(...page);
  return rows;
}

/** Ten rows: five writes, each with its outcome, in the minutes 0 to 4. */
async function tenRows(): Promise<{ home: string; store: StateStore }> {
  const home = newHome();
  const store = openStore({ home });
  for (let minute = 0; minute < 5; minute++) await store.audit.close(await store.audit.intend(entry(minute)), ok(minute));
  return { home, store };
}

describe("the audit", () => {
  it("lists each call once, newest first, with what came of it", async () => {
    const store = openStore({ home: newHome() });
    const first = await store.audit.intend(entry(0, { object: "red", to: "blue" }));
    await store.audit.note(entry(1, { operation: "look", item: "/floor" }), ok(1, { identity: "/t", request_id: "r" }));
    await store.audit.close(first, ok(2, { outcome: "forbidden", duration_ms: 7 }));
    const killed = await store.audit.intend(entry(3));
    expect(await listed(store)).toEqual([
      { id: killed, time: at(3), operation: "paint", item: "/wall", caller: "me", outcome: "unknown" },
      {
        id: 2,
        time: at(1),
        operation: "look",
        item: "/floor",
        caller: "me",
        outcome: "ok",
        identity: "/t",
        duration_ms: 5,
        request_id: "r",
      },
      {
        id: 1,
        time: at(0),
        operation: "paint",
        item: "/wall",
        object: "red",
        to: "blue",
        caller: "me",
        outcome: "forbidden",
        duration_ms: 7,
      },
    ]);
    const ids = async (filter: AuditFilter): Promise<number[]> => (await listed(store, filter)).map(({ id }) => id);
    expect(await ids({ since: at(1) })).toEqual([killed, 2]);
    expect(await ids({ item: "/wall" })).toEqual([killed, 1]);
    expect(await ids({ operation: "look" })).toEqual([2]);
    expect(await ids({ operation: "look", item: "/wall" })).toEqual([]);
  });

  it("lists more than a page, also where a page ends between an intent and its outcome", async () => {
    const store = openStore({ home: newHome() });
    await store.audit.note(entry(0), ok(0));
    for (let index = 0; index < 1100; index++) await store.audit.close(await store.audit.intend(entry(1)), ok(1));
    const rows = await listed(store);
    expect(rows).toHaveLength(1101);
    expect(rows.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(await store.audit.verify()).toMatchObject({ count: 2201, last: 2201, findings: [] });
  });

  it("of an empty home is whole", async () => {
    const store = openStore({ home: newHome() });
    expect(await store.audit.verify()).toEqual({ count: 0, last: 0, head: "0".repeat(64), findings: [] });
    expect(await listed(store)).toEqual([]);
    expect(await store.audit.prune(at(1))).toEqual({ removed: 0, kept: 0, findings: [] });
  });

  it("S3 is still proven after a rotation of the key, by the process that rotated and by another, and goes on", async () => {
    const { home, store } = await tenRows();
    const before = await store.audit.verify();
    await store.rotateKey({ of: "all" });
    expect(await store.audit.verify()).toEqual(before);
    await store.audit.note(entry(5), ok(5));
    const other = openStore({ home });
    await other.audit.note(entry(6), ok(6));
    expect(await other.audit.verify()).toMatchObject({ count: 12, last: 12, findings: [] });
  });
});

describe("S12 whoever changes the file without the key is found out: the row", () => {
  const swap = (db: DatabaseSync, one: number, other: number): void =>
    db.exec(
      `UPDATE audit SET id = -1 WHERE id = ${one}; UPDATE audit SET id = ${one} WHERE id = ${other}; UPDATE audit SET id = ${other} WHERE id = -1`,
    );

  it.each<[string, (db: DatabaseSync) => void, unknown[]]>([
    ["that was edited is named", (db) => db.exec("UPDATE audit SET caller = 'you' WHERE id = 5"), [{ kind: "changed", id: 5 }]],
    [
      "whose outcome was edited is named",
      (db) => db.exec("UPDATE audit SET outcome = 'forbidden' WHERE id = 10"),
      [{ kind: "changed", id: 10 }],
    ],
    ["that lost a cell is named", (db) => db.exec("UPDATE audit SET item = NULL WHERE id = 1"), [{ kind: "changed", id: 1 }]],
    ["that was given an empty cell is named", (db) => db.exec("UPDATE audit SET object = '' WHERE id = 3"), [{ kind: "changed", id: 3 }]],
    [
      "whose text ends in the next cell is named",
      (db) => db.exec("UPDATE audit SET operation = 'paint/', item = 'wall' WHERE id = 3"),
      [{ kind: "changed", id: 3 }],
    ],
    [
      "whose text moved to the next cell is named",
      (db) => db.exec("UPDATE audit SET object = item, item = NULL WHERE id = 3"),
      [{ kind: "changed", id: 3 }],
    ],
    [
      "whose number was made huge is named",
      (db) => db.exec("UPDATE audit SET duration_ms = 9223372036854775807 WHERE id = 2"),
      [{ kind: "changed", id: 2 }],
    ],
    ["that was deleted is named", (db) => db.exec("DELETE FROM audit WHERE id = 5"), [{ kind: "missing", from: 5, to: 5 }]],
    [
      "after which others were deleted is not blamed",
      (db) => db.exec("DELETE FROM audit WHERE id IN (1, 2, 7)"),
      [
        { kind: "missing", from: 1, to: 2 },
        { kind: "missing", from: 7, to: 7 },
      ],
    ],
    ["at the end that was cut off is named", (db) => db.exec("DELETE FROM audit WHERE id > 8"), [{ kind: "missing", from: 9, to: 10 }]],
    ["is missed when all are gone", (db) => db.exec("DELETE FROM audit"), [{ kind: "missing", from: 1, to: 10 }]],
    [
      "that changed places is named with the one after it",
      (db) => swap(db, 4, 6),
      [
        { kind: "changed", id: 4 },
        { kind: "changed", id: 5 },
        { kind: "changed", id: 6 },
        { kind: "changed", id: 7 },
      ],
    ],
    [
      "that was put in at the end is named",
      (db) =>
        db.exec(
          'INSERT INTO audit SELECT 11, intent, time, operation, item, object, "to", caller, identity, outcome, duration_ms, request_id, mac FROM audit WHERE id = 10',
        ),
      [{ kind: "changed", id: 11 }],
    ],
    [
      "that was put in with an odd number is named",
      (db) => db.exec("INSERT INTO audit (id, time, mac) VALUES (0, '', x''), (9223372036854775807, '', x'')"),
      [
        { kind: "changed", id: 0 },
        { kind: "changed", id: Number.MAX_SAFE_INTEGER },
      ],
    ],
    [
      "whose end was put back is named with the end",
      (db) => db.exec("DELETE FROM audit WHERE id > 9; UPDATE audit_ends SET last_id = 9, last_mac = (SELECT mac FROM audit WHERE id = 9)"),
      [{ kind: "ends" }],
    ],
    [
      "whose end was taken away is named with the end",
      (db) => db.exec("DELETE FROM audit WHERE id > 9; DELETE FROM audit_ends"),
      [{ kind: "ends" }],
    ],
  ])("%s", async (_, act, findings) => {
    const { home } = await tenRows();
    tamper(home, act);
    const store = openStore({ home });
    expect((await store.audit.verify()).findings).toEqual(findings);
    await listed(store);
    // Pruning takes away nothing that shows it.
    await store.audit.prune(at(59));
    expect((await store.audit.verify()).findings).toEqual(findings);
  });

  it("stays named after more has been written, and a broken end is not mended by going on", async () => {
    const { home, store } = await tenRows();
    tamper(home, (db) => db.exec("DELETE FROM audit WHERE id > 8"));
    expect(await store.audit.intend(entry(9))).toBe(11);
    expect((await store.audit.verify()).findings).toEqual([{ kind: "missing", from: 9, to: 10 }]);
    tamper(home, (db) => db.exec("DELETE FROM audit_ends"));
    await expect(store.audit.intend(entry(9))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("The audit is damaged"),
    });
  });

  it.each([
    ["taken away", "DELETE FROM records WHERE collection = 'audit'"],
    [
      "replaced by another sealed field",
      "UPDATE records SET sealed = (SELECT sealed FROM records WHERE collection = 'papers') WHERE collection = 'audit'",
    ],
    ["cut", `UPDATE records SET sealed = '{"key":"AQ=="}' WHERE collection = 'audit'`],
  ])("is no longer believed when the key was %s", async (_, sql) => {
    const { home, store } = await tenRows();
    await store.commit([store.collection(papers).put("/a", { text: "t", secret: "s" })]);
    tamper(home, (db) => db.exec(sql));
    const other = openStore({ home });
    const failure = { code: "conflict", message: expect.stringContaining("The audit is damaged") };
    await expect(other.audit.verify()).rejects.toMatchObject(failure);
    await expect(other.audit.intend(entry(9))).rejects.toMatchObject(failure);
    expect(await listed(other)).toHaveLength(5);
  });
});

describe("a pruned audit", () => {
  it("lost its oldest rows, and the rest is still proven", async () => {
    const { home, store } = await tenRows();
    const { head } = await store.audit.verify();
    expect(await store.audit.prune(at(2))).toEqual({ removed: 4, kept: 6, findings: [] });
    expect(await openStore({ home }).audit.verify()).toEqual({ count: 6, last: 10, head, findings: [] });
    expect((await listed(store)).map(({ id }) => id)).toEqual([9, 7, 5]);
    tamper(home, (db) => db.exec("DELETE FROM audit WHERE id = 5"));
    expect((await store.audit.verify()).findings).toEqual([{ kind: "missing", from: 5, to: 5 }]);
  });

  it("may be pruned again and to the last row, and goes on with the next number", async () => {
    const { store } = await tenRows();
    expect(await store.audit.prune(at(0))).toEqual({ removed: 0, kept: 10, findings: [] });
    expect(await store.audit.prune(at(1))).toEqual({ removed: 2, kept: 8, findings: [] });
    expect(await store.audit.prune(at(59))).toEqual({ removed: 8, kept: 0, findings: [] });
    expect(await store.audit.prune(at(59))).toEqual({ removed: 0, kept: 0, findings: [] });
    expect(await store.audit.intend(entry(9))).toBe(11);
    expect(await store.audit.verify()).toMatchObject({ count: 1, last: 11, findings: [] });
  });

  it("keeps an old row that stands behind a younger one: the clock was set meanwhile", async () => {
    const store = openStore({ home: newHome() });
    for (const minute of [1, 5, 2, 6]) await store.audit.note(entry(minute), ok(minute));
    expect(await store.audit.prune(at(3))).toEqual({ removed: 1, kept: 3, findings: [] });
    expect((await store.audit.verify()).findings).toEqual([]);
  });
});

describe("fifty processes", () => {
  it("that audit at once make one whole chain, in which no row is lost", async () => {
    const home = newHome();
    const ended = await Promise.all(Array.from({ length: 50 }, () => runChild([home, "audit", "4"])));
    expect(ended.filter(({ exit }) => exit !== 0)).toEqual([]);
    const store = openStore({ home });
    expect(await store.audit.verify()).toMatchObject({ count: 600, last: 600, findings: [] });
    const rows = await listed(store);
    expect(rows).toHaveLength(400);
    expect(rows.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(new Set(rows.map(({ caller }) => caller)).size).toBe(50);
  });
});

describe("a home of layout 1", () => {
  it("is upgraded when it is opened, by one of many, and keeps what it held", async () => {
    const home = newHome();
    homeOfLayout1(home);
    const ended = await Promise.all(Array.from({ length: 10 }, () => runChild([home, "audit", "1"])));
    expect(ended.filter(({ exit }) => exit !== 0)).toEqual([]);
    const store = openStore({ home });
    expect(await store.collection(notices).get("/n")).toEqual({ key: "/n", value: { text: "old" }, revision: 3 });
    expect(await store.audit.verify()).toMatchObject({ count: 30, findings: [] });
  });

  it("S10 in which something foreign lies is not upgraded", () => {
    const home = newHome();
    homeOfLayout1(home);
    tamper(home, (db) => db.exec("CREATE TABLE audit (x)"));
    expect(() => openStore({ home })).toThrow(
      expect.objectContaining({ code: "conflict", message: expect.stringContaining("table audit") }),
    );
    tamper(home, (db) => expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 }));
  });
});
