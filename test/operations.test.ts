import { readFileSync } from "node:fs";
import { describe as group, expect, it } from "vitest";
import { describe } from "../src/app.ts";

const manifest = await describe();
const reference = readFileSync(new URL("../docs/reference.md", import.meta.url), "utf8");

group("every operation", () => {
  it("is found by one route and one set of words", () => {
    const names = manifest.flatMap((command) => [command.name, ...command.aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(manifest.map((command) => command.route)).size).toBe(manifest.length);
  });

  it.each(manifest.map((command) => [command.name, command] as const))("%s says what it takes and does", (_, command) => {
    expect(command.summary).not.toBe("");
    expect(command.example.startsWith(command.name)).toBe(true);
    expect(["read", "write"]).toContain(command.effect);
    for (const field of command.fields) expect(field.summary, field.name).not.toBe("");
    const shorts = command.fields.flatMap((field) => field.short ?? []);
    expect(new Set(shorts).size).toBe(shorts.length);
    expect(shorts).not.toContain("o");
    expect(reference).toContain(`## usc ${command.name}\n`);
  });
});
