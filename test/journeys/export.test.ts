import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { canaries } from "../support/canary.ts";
import { localAzure } from "../support/local-azure.ts";
import { program, start, until } from "../support/program.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const { usc, folder, home } = lab;
const kv = ["--usc-name", "kv"];
const canary = "canary/exported+5d2f ~ zażółć";

await usc(["create", ...kv, "-s", "db-password", "--value-file", "-"], { input: canary });
await usc(["create", ...kv, "-s", "pin", "-v", "123", "--tags", "app=web"]);

describe("usc export", () => {
  it("writes the text as it is, and nothing else", async () => {
    const ran = await usc(["export", ...kv]);
    expect([ran.exit, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toBe(`# usc: db-password\nDB_PASSWORD='${canary}'\n# usc: pin\nPIN='123'\n`);
    expect((await usc(["export", ...kv, "-o", "raw"])).stdout).toBe(ran.stdout);
    expect((await usc(["export", ...kv, "--tag", "app=web"])).stdout).toBe("# usc: pin\nPIN='123'\n");
  });

  it("-o json answers as every command does, and so do -o yaml and -o table", async () => {
    const ran = await usc(["export", ...kv, "--format", "json", "-o", "json"]);
    expect(ran.json).toMatchObject({ format: "json", exported: [{ name: "db-password", binary_value: false }, { name: "pin" }] });
    expect(JSON.parse(String(ran.json["text"]))).toEqual({ "db-password": canary, pin: "123" });
    expect((await usc(["export", ...kv, "--search", "pin", "-o", "table"])).stdout).toMatch(/^NAME +VARIABLE +BINARY_VALUE\npin +PIN/u);
  });

  it("--out-file makes a file of one's own, and does not replace one", async () => {
    const file = join(folder, ".env");
    const ran = await usc(["export", ...kv, "--out-file", file]);
    expect([ran.exit, ran.stdout, ran.stderr]).toEqual([0, "", ""]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toContain(`DB_PASSWORD='${canary}'\n`);
    expect((await usc(["export", ...kv, "--out-file", file])).failure.code).toBe("conflict");
  });

  it("github: variables on stdout, for the runner's file; masks on stderr, for the log; what is not masked is said there", async () => {
    const ran = await usc(["export", ...kv, "--format", "github"]);
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toMatch(
      new RegExp(`^DB_PASSWORD<<(usc_\\w+)\\n${canary.replaceAll("+", "\\+")}\\n\\1\\nPIN<<(usc_\\w+)\\n123\\n\\2\\n$`, "u"),
    );
    expect(ran.stderr).toBe(`usc: Not masked, since values and lines under 4 characters are not: pin.\n::add-mask::${canary}\n`);
  });

  it("a vault that cannot be read leaves stdout empty", async () => {
    await lab.control("/faults", "POST", { method: "GET", path: "/secrets/pin", status: 403 });
    const ran = await usc(["export", ...kv, "--format", "json"]);
    expect([ran.exit, ran.stdout]).toEqual([6, ""]);
    expect(ran.failure.code).toBe("forbidden");
    await lab.control("/faults", "DELETE");
  });

  it("leaves no value in the state", () => {
    expect(canaries(canary, { dir: home, texts: {} })).toEqual([]);
  });
});

describe("usc import", () => {
  const other = ["--usc-name", "other"];

  it("takes what export writes, from a file or standard input; a line for each secret", async () => {
    await usc(["create-usc", "--name", "other", "--target-to-associate", "t", "--azure-kv-name", "other"]);
    const file = join(folder, "all.json");
    await usc(["export", ...kv, "--format", "json", "--out-file", file]);
    const dry = await usc(["import", ...other, "--format", "json", "--file", file, "--dry-run"]);
    expect([dry.exit, dry.stdout, dry.stderr]).toEqual([10, "create db-password\ncreate pin\n", ""]);

    const first = await usc(["import", ...other, "--format", "json", "--file", file]);
    expect([first.exit, first.stdout, first.stderr]).toEqual([0, "create db-password\ncreate pin\n", ""]);
    const { bytes } = await usc(["export", ...kv]);
    const again = await usc(["import", ...other, "--file", "-", "-o", "json"], { input: bytes });
    expect(again.json).toMatchObject({
      plan: [
        { action: "same", name: "db-password" },
        { action: "same", name: "pin" },
      ],
      dry_run: false,
    });
    expect((await usc(["get", ...other, "-s", "db-password", "-o", "raw"])).stdout).toBe(canary);
  });

  it("a failure of some is exit 9: the lines are on stdout, the sentence on stderr", async () => {
    await usc(["delete", ...other, "-s", "pin"]);
    const ran = await usc(["import", ...other, "--file", "-"], { input: "PIN=4567\nNEW='neue Zeile'\n" });
    expect(ran.exit).toBe(9);
    expect(ran.stdout).toMatch(/^failed pin: The name pin is held by a soft-deleted secret\.\ncreate new\n$/u);
    expect(ran.failure).toMatchObject({ code: "partial", error: expect.stringMatching(/^1 of 2 secrets were not written to .*: pin\.$/u) });
  });

  it("Ctrl-C lets what is under way arrive, says how much is written, and the same command goes on", async () => {
    const lines = join(folder, "many.env");
    writeFileSync(lines, Array.from({ length: 60 }, (_, index) => `MANY_${index}=value\n`).join(""));
    await lab.control("/faults", "POST", { method: "PUT", path: "/secrets/many-*", skip: 10, times: 4, hold: true });
    const words = ["import", ...other, "--file", lines, "--concurrency", "4"];
    const { child, ended } = start(lab, [...program, ...words]);
    const held = async (): Promise<number> => ((await lab.control("/faults")) as { faults: { held: number }[] }).faults[0]?.held ?? 0;
    await until("four writes are under way", async () => (await held()) === 4);
    child.kill("SIGINT");
    await lab.control("/faults", "DELETE");
    const { exit, stderr } = await ended;
    expect(exit).toBe(130);
    const { code, error } = JSON.parse(stderr) as { code: string; error: string };
    const written = Number(/^Stopped\. (\d+) of 60 secrets are written/u.exec(error)?.[1]);
    expect(code).toBe("interrupted");
    expect(written).toBeGreaterThanOrEqual(14);
    const again = await usc(words);
    expect([again.exit, again.stdout.match(/^same/gmu)?.length, again.stdout.match(/^create/gmu)?.length]).toEqual([
      0,
      written,
      60 - written,
    ]);
  });

  it("refuses before it asks anybody, and takes more than a mebibyte", async () => {
    expect((await usc(["import", ...other])).failure).toMatchObject({ code: "usage", error: "--file is missing." });
    expect((await usc(["import", ...other, "--file", "-"], { input: "canary" })).failure.error).toContain("line 1 is no NAME=VALUE");
    const comment = `${"# padding\n".repeat(150_000)}LAST=1\n`;
    expect((await usc(["import", ...other, "--file", "-"], { input: comment })).stdout).toBe("create last\n");
  });

  it("leaves no value in the state", () => {
    expect(canaries(canary, { dir: home, texts: {} })).toEqual([]);
  });
});
