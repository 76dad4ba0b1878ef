import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** `./x.ts` and `import("./x.ts")` as paths below src; bare names as they stand. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(src, file), "utf8");
  return [...code.matchAll(/(?:from\s+|import\s*\(\s*|import\s+)"([^"]+)"/gu)].map(([, name = ""]) =>
    name.startsWith(".") ? relative(src, join(src, dirname(file), name)) : name,
  );
}

const featureOrder = ["targets", "connectors", "objects", "events", "rotation"];
// What a room shows to the rooms above it: its records, its port, how its records are found, the fields that many verbs share, what a value is, and a path into it.
const shown = [
  "model.ts",
  "port.ts",
  "certificate-port.ts",
  "x509-port.ts",
  "find.ts",
  "clouds.ts",
  "inputs.ts",
  "value.ts",
  "attributes.ts",
  "json-path.ts",
];

const sdks: Record<string, RegExp> = {
  azure: /^@azure\//u,
  state: /^node:sqlite$/u,
  vault: /^$/u,
  yaml: /^yaml$/u,
  x509: /^(@peculiar|pkijs|node-forge)/u,
};

/** What puts rooms and adapters together. */
const roots = ["app.ts", "rooms.ts", "duties.ts", "house.ts"];

/** Why an import breaks the house's rules, or undefined. */
function breach(file: string, name: string): string | undefined {
  const [room = "", inner = ""] = file.split("/");
  const [toRoom = "", toInner = "", toFile = ""] = name.split("/");
  const bare = !name.endsWith(".ts");
  if (room === "emulator") {
    return bare
      ? /^(node:|hono|@hono\/|@peculiar\/|node-forge$)/u.test(name)
        ? undefined
        : "the emulator brings its own world"
      : toRoom === "emulator"
        ? undefined
        : "the emulator imports nothing of ours";
  }
  if (room === "kernel")
    return bare
      ? name === "zod/mini"
        ? undefined
        : "the kernel knows zod alone"
      : toRoom === "kernel"
        ? undefined
        : "the kernel knows itself alone";
  if (room === "features") {
    if (bare) return name === "zod/mini" ? undefined : "a feature knows no library, file or process";
    if (toRoom === "kernel" || (toRoom === "features" && toInner === inner)) return undefined;
    const below = featureOrder.indexOf(toInner) < featureOrder.indexOf(inner) || !featureOrder.includes(inner);
    return toRoom === "features" && below && shown.includes(toFile)
      ? undefined
      : "a feature knows the model, port and finder of the rooms below it";
  }
  if (room === "adapters") {
    if (bare)
      return name.startsWith("node:") || name === "zod/mini" || sdks[inner]?.test(name) ? undefined : "an adapter knows its own SDK";
    if (toRoom === "kernel" || (toRoom === "adapters" && [inner, "x509", "network"].includes(toInner))) return undefined;
    return toRoom === "features" && shown.includes(toFile) ? undefined : "an adapter knows kernel, ports and models";
  }
  if (room === "faces") {
    if (bare) return /^(node:|commander$|yaml$|hono|@hono\/|pino$|prom-client$)/u.test(name) ? undefined : "a face knows its own library";
    return toRoom === "kernel" || (toRoom === "faces" && toInner === inner) ? undefined : "a face knows the kernel alone";
  }
  if (roots.includes(file)) return toRoom === "faces" || toRoom === "emulator" ? "a composition root knows no face" : undefined;
  return undefined;
}

describe("the house", () => {
  it("has no import that the floor plan forbids", () => {
    const breaches = files.flatMap((file) =>
      importsOf(file)
        .map((name) => ({ file, name, why: breach(file, name) }))
        .filter(({ why }) => why !== undefined),
    );
    expect(breaches).toEqual([]);
  });

  it("would notice a face that imports a feature and an emulator that imports the kernel", () => {
    expect(breach("faces/cli/run.ts", "features/objects/get.ts")).toBeDefined();
    expect(breach("emulator/vault.ts", "kernel/errors.ts")).toBeDefined();
    expect(breach("features/targets/get.ts", "features/objects/port.ts")).toBeDefined();
    expect(breach("features/targets/get.ts", "node:fs")).toBeDefined();
  });

  it("has no `Date`, process or random number in a feature", () => {
    const impure = files.filter(
      (file) =>
        file.startsWith("features/") &&
        /\b(process\.|Math\.random|new Date|Date\.now|setTimeout)\b/u.test(readFileSync(join(src, file), "utf8")),
    );
    expect(impure).toEqual([]);
  });

  it("evaluates nothing and imports no computed name", () => {
    const risky = files.filter((file) => /\beval\(|new Function\(|import\((?!\s*")/u.test(readFileSync(join(src, file), "utf8")));
    expect(risky).toEqual([]);
  });

  it("has no drawer that collects", () => {
    expect(files.filter((file) => /(^|\/)(utils|helpers|types|common)(\.ts|\/)/u.test(file))).toEqual([]);
  });
});
