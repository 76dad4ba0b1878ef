import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { canaries } from "../support/canary.ts";
import { localAzure } from "../support/local-azure.ts";

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
