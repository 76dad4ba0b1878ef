import { describe, expect, it } from "vitest";
import { openStore } from "../../../src/adapters/state/index.ts";
import type { Entry, Outcome } from "../../../src/kernel/audit.ts";
import { stateLab, tamper } from "../../support/state-lab.ts";
import { papers } from "../../support/state-papers.ts";

const { newHome } = stateLab();
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const entry: Entry = { time: "2026-01-01T00:00:00Z", operation: "paint", caller: "me" };
const ok: Outcome = { time: entry.time, outcome: "ok", duration_ms: 1 };

async function twoProcesses() {
  const home = newHome();
  const [gateway, other] = [openStore({ home, life: "long" }), openStore({ home })];
  await other.commit([other.collection(papers).put("/a", { text: "one", secret: "s1" })]);
  const read = async () => (await gateway.collection(papers).get("/a"))?.value;
  await read();
  return { home, gateway, other, read };
}

describe("a process that remembers what it read", () => {
  it("sees what another process has committed, in its next turn", async () => {
    const { gateway, other, read } = await twoProcesses();
    await other.commit([other.collection(papers).put("/a", { text: "two", secret: "s2" })]);
    await turn();
    expect(await read()).toEqual({ text: "two", secret: "s2" });
    await other.commit([other.collection(papers).remove("/a")]);
    await turn();
    expect(await read()).toBeUndefined();
    expect(await gateway.collection(papers).list()).toEqual([]);
  });

  it("sees at once what it has committed itself, and what a restore has put back", async () => {
    const { home, gateway, read } = await twoProcesses();
    await gateway.backup(`${home}.backup`);
    await gateway.commit([gateway.collection(papers).put("/a", { text: "three", secret: "s3" })]);
    expect(await read()).toEqual({ text: "three", secret: "s3" });
    await gateway.restore(`${home}.backup`, { force: true, without: [] });
    expect(await read()).toEqual({ text: "one", secret: "s1" });
  });

  it("does not let one caller change what another gets", async () => {
    const { read } = await twoProcesses();
    const first = await read();
    expect(() => Object.assign(first ?? {}, { text: "spoiled" })).toThrow(TypeError);
    expect(await read()).toEqual({ text: "one", secret: "s1" });
  });

  it("finds a record damaged that was changed meanwhile", async () => {
    const { home, read } = await twoProcesses();
    tamper(home, (db) => db.exec(`UPDATE records SET sealed = '{"secret":"AQ=="}' WHERE collection = 'papers'`));
    await turn();
    await expect(read()).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("notes of the audit that are written together", () => {
  it("are one chain, in their order, and durable when they say so", async () => {
    const home = newHome();
    const store = openStore({ home, life: "long" });
    const notes = Array.from({ length: 50 }, (_, at) => store.audit.note({ ...entry, item: `/${at}` }, ok));
    await Promise.all(notes);
    const other = openStore({ home });
    expect(await other.audit.verify()).toMatchObject({ count: 50, findings: [] });
    const items: unknown[] = [];
    for await (const page of other.audit.pages({})) items.push(...page.map(({ item }) => item));
    expect(items).toEqual(Array.from({ length: 50 }, (_, at) => `/${49 - at}`));
  });

  it("fail together, and each caller hears it", async () => {
    const home = newHome();
    const store = openStore({ home, life: "long" });
    await store.audit.note(entry, ok);
    tamper(home, (db) => db.exec("DELETE FROM audit_ends"));
    const told = await Promise.allSettled([store.audit.note(entry, ok), store.audit.note(entry, ok)]);
    expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});
