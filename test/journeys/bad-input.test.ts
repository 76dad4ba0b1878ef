import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkout, cli } from "../support/cli.ts";

const { usc, home, folder, clean } = cli();
afterAll(clean);
const guid = "11111111-2222-4333-8444-555555555555";
const target = ["target", "create", "azure", "--name", "t", "--tenant-id", guid, "--client-id", guid, "--client-secret", "canary-77aa"];
await usc(target);
await usc(["create-usc", "--name", "kv", "--target-to-associate", "t", "--azure-kv-name", "my-vault"]);

const cases: [string, string[], number, RegExp][] = [
  ["an unknown command", ["lits"], 2, /Did you mean `usc list`/u],
  ["flags without a command", ["--profile", "ci"], 2, /A command is missing/u],
  ["half a command", ["key", "--help"], 2, /needs one more word\.Known are: key rotate\./u],
  ["two thirds of a command", ["target", "create", "--name", "x"], 2, /needs one more word\.Known are: target create azure\./u],
  ["half of a long-lived one", ["gateway", "--help"], 2, /needs one more word\.Known are: gateway start\./u],
  ["a long-lived one that is mistyped", ["emulater", "start"], 2, /Did you mean `usc emulator start`/u],
  ["an unknown flag", ["list", "--usc-nam", "kv"], 2, /Did you mean --usc-name/u],
  ["an unknown flag with a value", ["target", "get", "--secrt=canary-77aa"], 2, /has no flag --secrt\./u],
  ["a word without a flag", ["target", "get", "canary-77aa"], 2, /takes flags only/u],
  ["a missing flag", ["get", "--usc-name", "kv"], 2, /--secret-id is missing/u],
  ["a flag without its value", ["get", "--usc-name"], 2, /--usc-name needs a value/u],
  ["a boolean that is none", ["delete-item", "--name", "kv", "--json", "maybe"], 2, /true or false/u],
  ["a format that is none", ["list-items", "-o", "xml"], 2, /expected one of json, table/u],
  ["raw where there is no value", ["list-items", "-o", "raw"], 2, /answers without one/u],
  ["a bad item name", ["describe-item", "--name", "/a/../b"], 2, /no item name/u],
  ["a bad vault name", ["create-usc", "--name", "x", "--target-to-associate", "t", "--azure-kv-name", "a_b"], 2, /vault/u],
  [
    "a value's mark for all objects",
    ["create-usc", "--name", "x", "--target-to-associate", "t", "--azure-kv-name", "vault", "--usc-tags", "a=1,file-encoding=base64"],
    2,
    /file-encoding is the mark/u,
  ],
  ["a bad object name", ["get", "-n", "kv", "-s", "a_b"], 2, /./u],
  ["an empty name", ["get", "-n", "kv", "-s", ""], 2, /--secret-id/u],
  ["an empty version", ["get", "-n", "kv", "-s", "a//"], 2, /./u],
  ["a URL of another vault", ["get", "-n", "kv", "-s", "https://other.vault.azure.net/secrets/a"], 2, /./u],
  ["a malformed GUID", [...target.slice(0, 6), "x", ...target.slice(7)], 2, /expected a GUID/u],
  ["a malformed date", ["create", "-n", "kv", "-s", "a", "-v", "canary-77aa", "--remote-secret-expires", "soon"], 2, /expected a time/u],
  [
    "16 tags",
    ["create", "-n", "kv", "-s", "a", "-v", "canary-77aa", ...Array.from({ length: 16 }, (_, i) => `--tags=t${i}=x`)],
    2,
    /16 tags/u,
  ],
  ["a value over the limit", ["create", "-n", "kv", "-s", "a", "-v", "x".repeat(25_601)], 2, /25601 bytes/u],
  ["a target that does not exist", ["target", "get", "--name", "none"], 3, /no target \/none\./u],
  ["a connector that does not exist", ["get", "-n", "none", "-s", "a"], 3, /no connector \/none\./u],
  ["a target that exists", target, 4, /exists/u],
  ["a target in use", ["target", "delete", "--name", "t"], 4, /in use by the connector \/kv/u],
  ["an unknown cloud", [...target.slice(0, 4), "u", ...target.slice(5), "--azure-cloud", "Nowhere"], 3, /no cloud named Nowhere/u],
  ["a file that is not there", ["create", "-n", "kv", "-s", "a", "--value-file", "/nonexistent"], 2, /there is no such file/u],
  ["a value given twice over", ["create", "-n", "kv", "-s", "a", "-v", "canary-77aa", "--value-file", "-"], 2, /Give either/u],
];

it("--quiet says what failed, and no hint", async () => {
  const asked = ["get", "--usc-name", "none", "-s", "a"];
  expect((await usc(asked)).failure).toHaveProperty("hint");
  const { failure } = await usc([...asked, "--quiet"]);
  expect(failure).toMatchObject({ code: "not_found" });
  expect(failure).not.toHaveProperty("hint");
});

describe("bad input", () => {
  it.each(cases)("C4 %s gets one sentence, its exit code, and no value", async (_, argv, exit, sentence) => {
    const ran = await usc(argv);
    expect(ran.stdout).toBe("");
    expect(ran.failure.error + (ran.failure.hint ?? "")).toMatch(sentence);
    expect(ran.exit).toBe(exit);
    expect(ran.stderr).not.toContain("canary-77aa");
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("C18 an empty or closed standard input is no empty value", async () => {
    expect((await usc(["create", "-n", "kv", "-s", "a", "--value-file", "-"], { closed: true })).failure.error).toMatch(/that was empty/u);
    expect((await usc(["create", "-n", "kv", "-s", "a", "--value-file", "-"])).exit).toBe(2);
  });

  it("C5 a debug switch that would print tokens is refused", async () => {
    expect((await usc(["list-items"], { env: { NODE_DEBUG: "https" } })).exit).toBe(2);
  });

  it("a Node that is too old gets one sentence and exit 2", async () => {
    const preload = join(folder, "old.cjs");
    writeFileSync(preload, `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });`);
    const ran = await usc(["--version"], { nodeFlags: ["--require", preload] });
    expect(ran).toMatchObject({ exit: 2, stdout: "", stderr: "usc needs Node 24.15 or newer, and this is 20.20.2.\n" });
  });

  it("--version is the package's", async () => {
    const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { version: string };
    expect((await usc(["--version"])).stdout).toBe(`${version}\n`);
  });

  it("a wrong master key is refused and harms nothing", async () => {
    const wrong = { USC_MASTER_KEY: Buffer.alloc(32, 7).toString("base64") };
    const ran = await usc(["target", "get-details", "--name", "t"], { env: wrong });
    expect(ran.exit).not.toBe(0);
    expect(ran.failure.error).toMatch(/key/u);
    expect((await usc(["target", "get-details", "--name", "t"])).stdout).toContain("canary-77aa");
  });

  it("a missing master key is refused, not made anew", async () => {
    const copy = join(folder, "keyless");
    cpSync(home, copy, { recursive: true });
    rmSync(join(copy, "master.key"));
    const ran = await usc(["target", "get-details", "--name", "t"], { env: { USC_HOME: copy } });
    expect(ran.exit).not.toBe(0);
    expect(ran.failure.hint).toBeDefined();
  });

  it("a corrupt database is named, with a hint", async () => {
    const broken = join(folder, "broken");
    mkdirSync(broken, { mode: 0o700 });
    writeFileSync(join(broken, "usc.db"), "not a database ".repeat(100), { mode: 0o600 });
    const ran = await usc(["target", "list"], { env: { USC_HOME: broken } });
    expect(ran.exit).not.toBe(0);
    expect(ran.failure).toMatchObject({ error: expect.stringMatching(/damaged|database/u), hint: expect.anything() });
  });
});

describe("another user", () => {
  // CI is root, and root reads everything: these run as nobody, from a copy that nobody can read.
  const root = mkdtempSync(join(tmpdir(), "usc-nobody-"));
  chmodSync(root, 0o755);
  for (const part of ["bin", "dist"]) cpSync(join(checkout, part), join(root, part), { recursive: true });
  writeFileSync(join(root, "package.json"), `{"type":"module"}`);
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  chmodSync(folder, 0o755);

  it("an unreadable file is one sentence", async () => {
    const unreadable = join(root, "secret.txt");
    writeFileSync(unreadable, "x", { mode: 0o000 });
    const own = join(root, "own");
    mkdirSync(own, { mode: 0o777 });
    chmodSync(own, 0o777);
    const ran = await usc([...target.slice(0, -2), "--client-secret-file", unreadable], {
      ...asNobody,
      root,
      env: { USC_HOME: join(own, "s"), HOME: own },
    });
    expect(ran.failure.error).toMatch(/cannot be read: permission denied/u);
    expect(ran.exit).toBe(2);
  });

  it("a store in a folder that cannot be written is one sentence", async () => {
    const ran = await usc(["target", "list"], { ...asNobody, root, env: { USC_HOME: "/proc/usc-home" } });
    expect(ran.exit).not.toBe(0);
    expect(ran.failure.error).not.toMatch(/unexpectedly/u);
  });
});
