import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { text } from "../../src/kernel/fields.ts";
import { namesIn } from "../../src/kernel/named.ts";
import { invoke, operation } from "../../src/kernel/operation.ts";
import { UscError } from "../../src/kernel/errors.ts";
import { stillClock } from "../support/still-clock.ts";
import { memoryWitness } from "../support/memory-audit.ts";

const clock = stillClock();
const time = "2026-01-01T00:00:00Z";

/** One operation, what it did, and what of it was audited. */
function lab(effect: "read" | "write", act: () => Promise<unknown> = async () => ({ done: "yes" })) {
  const made = memoryWitness(clock);
  const order: string[] = [];
  const { audit } = made.witness;
  const heard = {
    intend: async (...given: Parameters<typeof audit.intend>) => {
      const id = await audit.intend(...given);
      order.push("intend");
      return id;
    },
    close: async (...given: Parameters<typeof audit.close>) => {
      await audit.close(...given);
      order.push("close");
    },
    note: async (...given: Parameters<typeof audit.note>) => {
      await audit.note(...given);
      order.push("note");
    },
  };
  const op = operation({
    name: "paint",
    summary: "Paints",
    example: "paint",
    effect,
    input: () => z.object({ name: text("Item"), "secret-id": text("Object"), value: text("Value", { secret: true }) }),
    output: () => z.object({ done: z.string() }),
    run: () => {
      order.push("run");
      return act();
    },
  });
  const call = (more: Record<string, unknown> = {}) =>
    invoke(op, { name: "wall/left", "secret-id": "red", value: "canary", ...more }, { ...made.witness, audit: heard });
  return { ...made, order, call };
}

const entry = { time, operation: "paint", item: "/wall/left", object: "red", caller: "tester" };

describe("a write", () => {
  it("is audited before it begins, and again when it has ended", async () => {
    const { call, order, rows, witness } = lab("write");
    Object.assign(witness.seen, { identity: "/t", request_id: "r-1" });
    expect(await call()).toEqual({ done: "yes" });
    expect(order).toEqual(["intend", "run", "close"]);
    expect(rows).toEqual([
      { act: "intend", entry },
      { act: "close", intent: 1, outcome: { time, outcome: "ok", duration_ms: 0, identity: "/t", request_id: "r-1" } },
    ]);
  });

  it.each([
    ["its code", new UscError("forbidden", "No.", { requestId: "r-2" }), { outcome: "forbidden", request_id: "r-2" }],
    ["internal if it is no error of ours", new TypeError("secret"), { outcome: "internal" }],
  ])("that fails is audited with %s", async (_, error, outcome) => {
    const { call, rows } = lab("write", async () => {
      throw error;
    });
    await expect(call()).rejects.toBe(error);
    expect(rows[1]).toEqual({ act: "close", intent: 1, outcome: { time, duration_ms: 0, ...outcome } });
  });

  it("S12 is refused if it cannot be audited, and nothing is done", async () => {
    const { call, order, switches } = lab("write");
    switches.full = true;
    await expect(call()).rejects.toMatchObject({
      code: "unavailable",
      message: "Nothing was done, since it could not be audited. The disk is full.",
      details: { hint: "Make room." },
    });
    expect(order).toEqual([]);
  });

  it("whose outcome cannot be audited any more answers all the same, with a warning", async () => {
    const { call, switches, warnings } = lab("write", async () => {
      switches.full = true;
      return { done: "yes" };
    });
    expect(await call()).toEqual({ done: "yes" });
    expect(warnings).toEqual(['warning: `paint` ended with "ok", and that could not be audited. The disk is full.']);
  });

  it("whose answer is not what it declared is audited as a bug", async () => {
    const { call, rows } = lab("write", async () => ({ done: 1 }));
    await expect(call()).rejects.toMatchObject({ code: "internal" });
    expect(rows[1]).toMatchObject({ outcome: { outcome: "internal" } });
  });
});

describe("a read", () => {
  it("is audited in one row, once it is known what came of it", async () => {
    const { call, order, rows } = lab("read");
    await call();
    expect(order).toEqual(["run", "note"]);
    expect(rows).toEqual([{ act: "note", entry, outcome: { time, outcome: "ok", duration_ms: 0 } }]);
  });

  it("is told with the item that was opened, if its input does not name one by itself", async () => {
    const { call, rows, witness } = lab("read");
    Object.assign(witness.seen, { item: "/opened" });
    await call();
    await call({ name: "a//b" });
    expect(rows).toMatchObject([{ entry: { item: "/wall/left" } }, { entry: { item: "/opened" } }]);
  });

  it("S12 goes through with a warning if it cannot be audited", async () => {
    const { call, switches, warnings } = lab("read");
    switches.full = true;
    expect(await call()).toEqual({ done: "yes" });
    expect(warnings).toHaveLength(1);
  });
});

describe("a read that fails", () => {
  const broken = new UscError("unavailable", "The disk is full.");
  it.each([
    ["once, if what made it fail keeps it from being audited too", broken, 0],
    ["beside its own failure, if that is another one", new UscError("not_found", "There is none."), 1],
  ])("says that it could not be audited %s", async (_, failure, count) => {
    const { call, switches, warnings } = lab("read", async () => {
      throw failure;
    });
    switches.full = true;
    await expect(call()).rejects.toBe(failure);
    expect(warnings).toHaveLength(count);
  });
});

describe("S12 what the audit is told", () => {
  it("holds nothing of an input that the door refuses", async () => {
    const { call, rows } = lab("write");
    await expect(call({ value: 7 })).rejects.toMatchObject({ code: "usage" });
    await expect(call({ "secret-id": ["canary"] })).rejects.toMatchObject({ code: "usage" });
    expect(rows).toEqual([]);
  });

  it.each(["canary\u001b[31m", "canary\n{}", "can ary", "canary!", "c".repeat(300), "", "zażółć", "-canary"])(
    "holds no object that has not the form of a name (%j)",
    async (typed) => {
      const { call, rows } = lab("write");
      await call({ "secret-id": typed }).catch(() => {});
      expect(JSON.stringify(rows)).not.toContain(typed.slice(0, 3) || "object");
    },
  );

  it.each(["a//b", "a\u202eb", "a\nb", "../a", " a", "x".repeat(600)])(
    "holds no item that has not the form of a path (%j)",
    async (name) => {
      const { call, rows } = lab("write");
      await call({ name });
      expect(rows[0]).toEqual({ act: "intend", entry: { time, operation: "paint", object: "red", caller: "tester" } });
    },
  );

  it("is printable and bounded whoever wrote it", async () => {
    const { call, rows, witness } = lab("write");
    Object.assign(witness.seen, { identity: "t\u001b]0;x\u0007\r\n\u2028\u202e\ud800", request_id: "r".repeat(5000) });
    await call();
    expect(rows[1]).toMatchObject({
      outcome: { identity: "t\\u001b]0;x\\u0007\\u000d\\u000a\\u2028\\u202e\ufffd", request_id: `${"r".repeat(511)}…` },
    });
  });
});

describe("the names of a call", () => {
  it.each([
    [
      { "usc-name": "prod/kv", "secret-id": "a/0123#b.c" },
      { item: "/prod/kv", object: "a/0123" },
    ],
    [
      { "usc-name": "/kv", "secret-id": "https://v.vault.azure.net/secrets/a/1" },
      { item: "/kv", object: "https://v.vault.azure.net/secrets/a/1" },
    ],
    [
      { "usc-name": "kv", "secret-name": "a" },
      { item: "/kv", object: "a" },
    ],
    [
      { "usc-name": "kv", "secret-id": "a", "secret-name": "b", "to-usc-name": "kv2" },
      { item: "/kv", object: "a", to: "/kv2 b" },
    ],
    [
      { name: "a", "new-name": "b" },
      { item: "/a", to: "/b" },
    ],
    [
      { source: "a", target: "b" },
      { item: "/a", to: "/b" },
    ],
    [{ name: "cafe\u0301" }, { item: "/café" }],
    [{ value: "x", description: "y" }, {}],
    [JSON.parse('{"__proto__": {"name": "x"}}') as Record<string, unknown>, {}],
  ])("are found by the usual fields: %j", (input, names) => {
    expect(namesIn(input)).toEqual(names);
  });

  it("are found where an operation says that they are", () => {
    expect(namesIn({ reference: "azurevault://kv/a", name: "n" }, { object: ["reference"] })).toEqual({
      item: "/n",
      object: "azurevault://kv/a",
    });
    expect(namesIn({ "assoc-id": "/r s /ci" }, { item: ["assoc-id"] })).toEqual({ item: "/r s /ci" });
    expect(namesIn({ "assoc-id": "/r  /ci" }, { item: ["assoc-id"] })).toEqual({});
  });
});
