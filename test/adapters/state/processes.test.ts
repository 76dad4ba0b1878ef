import { once } from "node:events";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { openStore } from "../../../src/adapters/state/index.ts";
import { runChild, stateLab, tamper } from "../../support/state-lab.ts";
import { notices, papers } from "../../support/state-papers.ts";

const { newHome } = stateLab();

describe("S6 fifty processes that start at once in an empty home", () => {
  it("agree on one key, keep all fifty records, and are given fifty numbers", async () => {
    const home = newHome();
    const names = Array.from({ length: 50 }, (_, index) => `/${String(index).padStart(2, "0")}`);
    const ended = await Promise.all(names.map((name) => runChild([home, "put", name])));
    expect(ended.filter(({ exit }) => exit !== 0)).toEqual([]);
    expect(ended.map(({ lines }) => Number(lines[0]?.["answer"])).sort((one, two) => one - two)).toEqual(
      names.map((_, index) => index + 1),
    );
    const kept = await openStore({ home }).collection(papers).list();
    expect(kept.map(({ key, value }) => [key, value.secret])).toEqual(names.map((name) => [name, `secret of ${name}`]));
    tamper(home, (db) => {
      expect(db.prepare("SELECT uses FROM data_keys").all()).toEqual([{ uses: 50 }]);
      expect(db.prepare("PRAGMA quick_check").all()).toEqual([{ quick_check: "ok" }]);
    });
    expect(readdirSync(home).filter((name) => name.startsWith("master"))).toEqual(["master.key"]);
  });
});

describe("twenty processes that open an empty home at once", () => {
  it("all find it made, even those that SQLite turns away at once", async () => {
    const home = newHome();
    const ended = await Promise.all(Array.from({ length: 20 }, () => runChild([home, "open", ""])));
    expect(ended).toEqual(ended.map(() => ({ exit: 0, lines: [{ answer: 0 }] })));
  });
});

describe("processes that write one after the other", () => {
  it("keep the log short, which each of them reads as a whole when it opens the store", async () => {
    const home = newHome();
    const sizes: number[] = [];
    for (let index = 0; index < 20; index++) {
      expect((await runChild([home, "audit", "4"])).exit).toBe(0);
      sizes.push(statSync(join(home, "usc.db-wal")).size);
    }
    // Unshortened it would be 2 MB by now, and grow for ever.
    expect(Math.max(...sizes)).toBeLessThan(1_200_000);
  });
});

describe("a first open that meets another one's lock", () => {
  it("is tried again, since SQLite's own patience does not cover the switch to its log", async () => {
    const home = newHome();
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(join(home, "usc.db"), "", { mode: 0o600 });
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const holder = new Worker(
      `const { path, flag } = require("node:worker_threads").workerData;
       const db = new (require("node:sqlite").DatabaseSync)(path);
       db.exec("BEGIN EXCLUSIVE");
       require("node:worker_threads").parentPort.postMessage("held");
       Atomics.wait(flag, 0, 0);
       const end = Date.now() + 30;
       while (Date.now() < end);
       db.close();`,
      { eval: true, workerData: { path: join(home, "usc.db"), flag } },
    );
    await once(holder, "message");
    const ended = once(holder, "exit");
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    const store = openStore({ home }, { lockTimeout: 0 });
    await store.commit([store.collection(notices).put("/n", { text: "open" }, 0)]);
    await ended;
  });
});

describe("a store whose lock another process holds", () => {
  it("is unavailable for writes after the timeout, and still answers reads", async () => {
    const home = newHome();
    const store = openStore({ home }, { lockTimeout: 50 });
    await store.commit([store.collection(notices).put("/n", { text: "open" }, 0)]);
    const holder = new DatabaseSync(store.path);
    holder.exec("BEGIN IMMEDIATE");
    await expect(store.commit([store.collection(notices).put("/n", { text: "x" })])).rejects.toMatchObject({
      code: "unavailable",
      message: `The store at ${store.path} is busy: another usc holds its lock.`,
    });
    await expect(store.nextId("x")).rejects.toMatchObject({ code: "unavailable" });
    expect(await store.collection(notices).get("/n")).toMatchObject({ value: { text: "open" } });
    holder.close();
    await store.commit([store.collection(notices).put("/n", { text: "y" })]);
  });

  /** A gateway's store, and somebody else at it. */
  const beside = async (begin: string, bounds = {}) => {
    const store = openStore({ home: newHome(), life: "long" }, bounds);
    await store.commit([store.collection(papers).put("/p", { text: "open", secret: "s" }, 0)]);
    const other = new DatabaseSync(store.path);
    other.exec(begin);
    return { store, paper: store.collection(papers), other };
  };
  const entry = { time: "2026-06-01T12:00:00Z", operation: "paint", caller: "me" };
  const ok = { time: "2026-06-01T12:00:00Z", outcome: "ok", duration_ms: 1 } as const;

  it("does not hold up a process that does many things at once: what is written waits, and all else goes on", async () => {
    const { store, paper, other } = await beside("BEGIN IMMEDIATE");
    const writes = [
      store.commit([paper.put("/p", { text: "x" })]),
      store.nextId("x"),
      store.audit.intend(entry),
      store.audit.note(entry, ok),
    ];
    await setImmediate();
    expect(await paper.get("/p")).toMatchObject({ value: { text: "open" } });
    other.close();
    await Promise.all(writes);
    expect(await paper.get("/p")).toMatchObject({ value: { text: "x" } });
  });

  it("and after the timeout is unavailable there as well", async () => {
    const { store, other } = await beside("BEGIN IMMEDIATE", { lockTimeout: 20 });
    const writes = [store.nextId("x"), store.audit.note(entry, ok)];
    expect((await Promise.allSettled(writes)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(store.audit.intend(entry)).rejects.toMatchObject({ code: "unavailable" });
    other.close();
    await store.audit.intend(entry);
  });

  it("who reads in another process does not hold it up either, when something sealed has gone and the log is to be emptied", async () => {
    const { store, paper, other } = await beside("BEGIN; SELECT count(*) FROM records");
    const removed = store.commit([paper.remove("/p")]);
    await setImmediate();
    expect(await paper.get("/p")).toBeUndefined();
    expect(statSync(`${store.path}-wal`).size).toBeGreaterThan(0);
    other.close();
    await removed;
    expect(statSync(`${store.path}-wal`).size).toBe(0);
  });
});
