import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { nameOf, variableOf } from "../../src/features/transfer/variable-name.ts";
import { anyTexts } from "../support/any-texts.ts";
import { furnished, refused } from "../support/house.ts";

const folder = mkdtempSync(join(tmpdir(), "usc-export-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Exported {
  exported: { name: string; variable?: string; binary_value: boolean }[];
  text: string;
  masks?: string;
  unmasked?: string[];
}

/** A vault that holds these texts. */
async function holding(values: Readonly<Record<string, string>>) {
  const made = await furnished();
  for (const [name, value] of Object.entries(values)) await made.object("create", { "secret-name": name, value });
  const exported = async (input: Record<string, unknown> = {}): Promise<Exported> =>
    (await made.object("export", input)) as unknown as Exported;
  return { ...made, exported };
}

/** What a shell has in its environment after the text: all names, and their bytes. */
function evaluated(shell: string, text: string): Map<string, string> {
  const file = join(folder, "exported.env");
  writeFileSync(file, text);
  const ran = spawnSync(shell, ["-c", `set -a; . "$1"; exec env -0`, shell, file], {
    env: { PATH: process.env["PATH"] ?? "" },
    maxBuffer: 1e8,
    // A socket for standard input makes bash take itself for a login from afar.
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(ran.stderr.toString()).toBe("");
  const own = new Set(["PATH", "PWD", "OLDPWD", "SHLVL", "_"]);
  const lines = ran.stdout.toString("utf8").split("\0").slice(0, -1);
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const).filter(([name]) => !own.has(name)),
  );
}

/** Reads `$GITHUB_ENV` as the runner's documentation has it. */
function githubEnvironment(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const lines = text.split("\n");
  for (let at = 0; at < lines.length - 1; at += 1) {
    const [, name, word] = /^([^<=]+)<<(.+)$/u.exec(lines[at] ?? "") ?? [];
    if (name === undefined || word === undefined) throw new Error(`line ${at} begins no variable`);
    const end = lines.indexOf(word, at + 1);
    found.set(name, lines.slice(at + 1, end).join("\n"));
    at = end;
  }
  return found;
}

describe("export", () => {
  it("writes each name as a variable, and keeps the name beside it", async () => {
    const { exported } = await holding({ "db-password": "correct horse", "1st": "it's" });
    expect(await exported()).toEqual({
      exported: [
        { name: "1st", variable: "_1ST", binary_value: false },
        { name: "db-password", variable: "DB_PASSWORD", binary_value: false },
      ],
      format: "dotenv",
      text: "# usc: 1st\n_1ST='it'\\''s'\n# usc: db-password\nDB_PASSWORD='correct horse'\n",
    });
  });

  it.each(["sh", "bash"])("C7 %s evaluates dotenv to the same bytes, and to no other name", async (shell) => {
    const texts = anyTexts(200).filter((text) => !text.includes("\0"));
    const { exported } = await holding(Object.fromEntries(texts.map((text, index) => [`s-${index}`, text])));
    const { text } = await exported();
    expect(evaluated(shell, text)).toEqual(new Map(texts.map((value, index) => [`S_${index}`, value])));
  });

  it("C7 a GitHub job gets the same bytes, and no other name", async () => {
    const texts = anyTexts(200).filter((text) => !text.includes("\0"));
    const { exported } = await holding(Object.fromEntries(texts.map((text, index) => [`s-${index}`, text])));
    const { text } = await exported({ format: "github" });
    expect(githubEnvironment(text)).toEqual(new Map(texts.map((value, index) => [`S_${index}`, value])));
  });

  it("JSON and YAML keep names and bytes", async () => {
    const texts = anyTexts(200);
    const values = Object.fromEntries(texts.map((text, index) => [`s-${index}`, text]));
    const { exported } = await holding(values);
    expect(JSON.parse((await exported({ format: "json" })).text)).toEqual(values);
    expect(parse((await exported({ format: "yaml" })).text)).toEqual(values);
  });

  it("a binary value is its base64, and is said to be", async () => {
    const { object, exported, told } = await holding({ text: "abcd" });
    const base64 = Buffer.from([0, 255, 254]).toString("base64");
    await object("create", { "secret-name": "blob", value: base64, "binary-value": true });
    expect((await exported()).text).toContain(`# usc: blob base64\nBLOB='${base64}'\n`);
    expect(told).toEqual(["Binary, so the variable holds base64: blob."]);
    expect(JSON.parse((await exported({ format: "json" })).text)).toEqual({ text: "abcd", blob: { base64 } });
    expect(parse((await exported({ format: "yaml" })).text)).toEqual({ text: "abcd", blob: { base64 } });
  });

  it("takes what is enabled, not behind a certificate, and asked for", async () => {
    const { object, vault, exported } = await holding({ "db-a": "1111", "db-b": "2222", other: "3333" });
    await object("create", { "secret-name": "off", value: "4444", enabled: false });
    await object("create", { "secret-name": "tls", value: "5555", tags: { app: "web" } });
    await object("create", { "secret-name": "cert", value: "6666", tags: { app: "web" } });
    Object.assign(vault.live.get("cert")?.[0] ?? {}, { managed: true });
    const names = async (input: Record<string, unknown>): Promise<string[]> => (await exported(input)).exported.map(({ name }) => name);
    expect(await names({})).toEqual(["db-a", "db-b", "other", "tls"]);
    expect(await names({ search: "DB-" })).toEqual(["db-a", "db-b"]);
    expect(await names({ tag: { app: "web" } })).toEqual(["tls"]);
    expect(await exported({ search: "nothing" })).toMatchObject({ text: "", exported: [] });
    expect((await exported({ search: "nothing", format: "json" })).text).toBe("{}\n");
  });

  it.each(["dotenv", "github", "azdo"])("%s refuses a NUL and names the secret, not the value", async (format) => {
    const { exported } = await holding({ nul: "canary\0" });
    await expect(exported({ format })).rejects.toEqual(refused("usage", /^The value of nul holds a NUL/u));
  });

  it.each(["dotenv", "github", "azdo"])("%s refuses two secrets of one variable, and names both", async (format) => {
    const { exported } = await holding({ "db-a": "canary", "Db-A": "canary" });
    await expect(exported({ format })).rejects.toEqual(refused("conflict", /Db-A and db-a would both become the variable DB_A/u));
  });

  it.each(["path", "ld-preload", "Node-Options", "bash-env"])("a secret named %s steers no shell and no job", async (name) => {
    const { exported } = await holding({ [name]: "canary" });
    await expect(exported()).rejects.toEqual(refused("conflict", /which steers programs/u));
    expect((await exported({ format: "json" })).exported).toEqual([{ name, binary_value: false }]);
  });
});

describe("variable names", () => {
  it.each(["a", "db-password", "1st", "-1st", "--1", "-", "a--b", "trailing-", "-leading", "0", "x0-y"])("%s comes back", (name) => {
    expect(variableOf(name)).toMatch(/^[A-Z_][A-Z0-9_]*$/u);
    expect(nameOf(variableOf(name))).toBe(name);
  });

  it("are one for each name: all of up to four letters", () => {
    const letters = ["a", "1", "-"];
    let names = [""];
    const all: string[] = [];
    for (let length = 1; length <= 4; length += 1) {
      names = names.flatMap((name) => letters.map((letter) => name + letter));
      all.push(...names);
    }
    expect(new Set(all.map(variableOf)).size).toBe(all.length);
    expect(all.map(variableOf).map(nameOf)).toEqual(all);
  });

  it.each(["", "1A", "A.B", "A B", "É"])("%s names no secret", (variable) => {
    expect(nameOf(variable)).toBeUndefined();
  });
});

describe("export to a CI server", () => {
  const values = { token: "t0ken%0A", pin: "123", key: "-----BEGIN-----\r\n  abcdefgh\r\n==\r\n", short: "a\nbcde" };

  it("GitHub: masks each line, whatever its percent signs, and says which are too short", async () => {
    const { exported, told } = await holding(values);
    const { masks, unmasked } = await exported({ format: "github" });
    expect(masks).toBe("::add-mask::-----BEGIN-----\n::add-mask::abcdefgh\n::add-mask::bcde\n::add-mask::t0ken%250A\n");
    expect(unmasked).toEqual(["key", "pin", "short"]);
    expect(told).toEqual(["Not masked, since values and lines under 4 characters are not: key, pin, short."]);
  });

  it("GitHub: a value cannot end its own block, since the word is another one each time", async () => {
    const { exported } = await holding({ a: "xxxx" });
    const words = await Promise.all(
      [1, 2].map(async () => /<<(usc_[0-9a-f]{32})\n/u.exec((await exported({ format: "github" })).text)?.[1]),
    );
    expect(new Set(words).size).toBe(2);
  });

  it("Azure Pipelines: secret variables, with its escapes; lines masked one by one; a short one is no secret to it", async () => {
    const { exported, told } = await holding({ ...values, hostile: "x\n##vso[task.setvariable variable=PATH]/tmp" });
    const { text } = await exported({ format: "azdo" });
    expect(text.split("\n")).toEqual([
      "##vso[task.setsecret]##vso[task.setvariable variable=PATH]/tmp",
      "##vso[task.setvariable variable=HOSTILE;issecret=true]x%0A##vso[task.setvariable variable=PATH]/tmp",
      "##vso[task.setsecret]-----BEGIN-----",
      "##vso[task.setsecret]abcdefgh",
      "##vso[task.setvariable variable=KEY;issecret=true]-----BEGIN-----%0D%0A  abcdefgh%0D%0A==%0D%0A",
      "##vso[task.setvariable variable=PIN;issecret=false]123",
      "##vso[task.setsecret]bcde",
      "##vso[task.setvariable variable=SHORT;issecret=true]a%0Abcde",
      "##vso[task.setvariable variable=TOKEN;issecret=true]t0ken%AZP250A",
      "",
    ]);
    expect(told).toEqual([
      "Not masked, since values and lines under 4 characters are not: hostile, key, pin, short.",
      "Of several lines, which Azure Pipelines takes only with SYSTEM_UNSAFEALLOWMULTILINESECRET=true: hostile, key, short.",
    ]);
  });
});
