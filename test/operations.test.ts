import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe as group, expect, it } from "vitest";
import * as z from "zod/mini";
import { openRoom } from "../src/app.ts";
import { describe } from "../src/describe.ts";

const manifest = await describe();
const reference = readFileSync(new URL("../docs/reference.md", import.meta.url), "utf8");

const home = mkdtempSync(join(tmpdir(), "usc-operations-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const rooms = [...new Set(manifest.map((command) => command.room))];
const unused = (): never => {
  throw new Error("nothing runs here");
};
const nowhere = { home, environment: {}, steps: { at: unused, pause: unused, confirm: unused, warn: unused, stopping: unused } };
const operations = (await Promise.all(rooms.map((room) => openRoom(room, nowhere)))).flatMap((opened) => opened.operations);

// What no gateway serves.
const ofThisMachine = ["configure", "profile list", "profile delete", "state backup", "state restore"];

group("every operation", () => {
  it("is found by one route and one set of words", () => {
    const names = manifest.flatMap((command) => [command.name, ...command.aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(manifest.map((command) => command.route)).size).toBe(manifest.length);
    expect(operations.map(({ name }) => name).sort()).toEqual(manifest.map(({ name }) => name).sort());
  });

  it.each(manifest.map((command) => [command.name, command] as const))("%s says what it takes and does", (_, command) => {
    expect(command.summary).not.toBe("");
    expect(command.example.startsWith(command.name)).toBe(true);
    expect(["read", "write"]).toContain(command.effect);
    for (const field of command.fields) expect(field.summary, field.name).not.toBe("");
    const shorts = command.fields.flatMap((field) => field.short ?? []);
    expect(new Set(shorts).size).toBe(shorts.length);
    // -o says how to print, and -u which gateway is meant.
    expect(shorts).not.toContain("o");
    expect(command.fields.find(({ short }) => short === "u")?.name ?? "gateway-url").toBe("gateway-url");
    expect(reference).toContain(`## usc ${command.name}\n`);
  });

  it.each(operations.map((op) => [op.name, op] as const))(
    "%s says what a gateway's caller must be allowed, by fields that it has",
    (_, op) => {
      expect(op.needs === undefined).toBe(ofThisMachine.includes(op.name));
      if (op.needs === undefined || op.needs === "nothing") return;
      // Of these two rows are shown to who may list them: test/journeys/gateway-rights.test.ts.
      expect(op.needs.length > 0 || op.opens !== undefined || ["list-items", "target list", "rotated-secret list"].includes(op.name)).toBe(
        true,
      );
      const fields = Object.keys(op.input().def.shape);
      for (const need of op.needs) {
        const named = [need.of, need.when, need.unless].filter((name) => name !== undefined);
        expect(fields).toEqual(expect.arrayContaining(named));
        expect(need.of === undefined).toBe(need.at !== undefined);
      }
    },
  );

  it.each(operations.map((op) => [op.name, op] as const))("%s declares all of its answer", (_, op) => {
    const output = op.output();
    expect(Object.keys(output.def.shape)).not.toEqual([]);
    expect(undeclared(output, "answer")).toEqual([]);
    // Over HTTP an answer may stand in one document with a failure.
    for (const member of ["error", "code", "hint", "request_id", "retry_after"]) expect(output.def.shape).not.toHaveProperty(member);
    if (op.stream !== undefined) expect(output.def.shape[op.stream]).toBeInstanceOf(z.ZodMiniArray);
    if (op.raw !== undefined) expect(output.def.shape[op.raw.field]).toBeInstanceOf(z.ZodMiniString);
  });
});

const leaves = [z.ZodMiniString, z.ZodMiniNumber, z.ZodMiniBoolean, z.ZodMiniLiteral, z.ZodMiniEnum];

/** The places of a schema at which something could get out that nobody has declared. */
function undeclared(schema: unknown, place: string): string[] {
  if (schema instanceof z.ZodMiniObject) {
    const open = schema.def.catchall === undefined ? [] : [place];
    return [...open, ...Object.entries(schema.def.shape).flatMap(([key, inner]) => undeclared(inner, `${place}.${key}`))];
  }
  if (schema instanceof z.ZodMiniArray) return undeclared(schema.def.element, `${place}[]`);
  if (schema instanceof z.ZodMiniRecord) return undeclared(schema.def.valueType, `${place}{}`);
  if (schema instanceof z.ZodMiniUnion) return schema.def.options.flatMap((option, index) => undeclared(option, `${place}|${index}`));
  if (schema instanceof z.ZodMiniOptional || schema instanceof z.ZodMiniNullable) return undeclared(schema.def.innerType, place);
  return leaves.some((leaf) => schema instanceof leaf) ? [] : [place];
}
