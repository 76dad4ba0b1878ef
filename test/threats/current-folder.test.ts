import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fakeAz } from "../support/fake-az.ts";
import { localAzure } from "../support/local-azure.ts";
import { program, start } from "../support/program.ts";
import { canTrace } from "../support/state-lab.ts";
import { traced } from "../support/trace.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const guid = "11111111-2222-4333-8444-555555555555";

const folder = join(lab.folder, "hostile");
const mark = join(lab.folder, "mark");
const leaveMark = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "")`;
const shellMark = `#!/bin/sh\n: > '${mark}'\n`;
const planted: Record<string, string> = {
  ".env": `USC_HOME=${lab.folder}/elsewhere\nUSC_MASTER_KEY=AAAA\nNODE_OPTIONS=--require ./evil.cjs\n`,
  ".npmrc": "node-options=--require ./evil.cjs\n",
  "usc.json": `{"output":"table"}`,
  ".uscrc": `{"output":"table"}`,
  "usc.config.js": leaveMark,
  "evil.cjs": leaveMark,
  "package.json": "{ not JSON",
  "manifest.ndjson": "[]",
  "dist/manifest.ndjson": "[]",
  ...Object.fromEntries(
    ["commander", "yaml", "zod", "zod/mini", "@azure/keyvault-secrets", "usc"].map((name) => [`node_modules/${name}/index.js`, leaveMark]),
  ),
  ...Object.fromEntries(["sh", "node", "env", "git", "az"].map((name) => [name, shellMark])),
};
for (const [name, text] of Object.entries(planted)) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}
await lab.control(`/secrets/${lab.vault.name}/x`, "PUT", { value: "v" });
const here = { cwd: folder, env: { PATH: `.${delimiter}${process.env["PATH"]}` } };

const commands = [
  ["list-items", "-o", "yaml"],
  ["target", "create", "azure", "--name", "x", "--tenant-id", guid, "--client-id", guid, "--client-secret", "canary-0c1d"],
  ["create", "--usc-name", "kv", "-s", "x", "-v", "canary-0c1d", "--overwrite"],
  ["get", "--usc-name", "kv", "-s", "x"],
  ["list", "--usc-name", "kv", "-o", "table"],
  ["get", "--help"],
  ["nonsense"],
];

describe("C9 the current folder", () => {
  it("steers nothing: same answer as elsewhere, nothing of it run, nothing in it changed", async () => {
    const before = readdirSync(folder, { recursive: true });
    for (const argv of commands.filter(([verb]) => verb !== "target" && verb !== "create"))
      expect(await start(lab, [...program, ...argv], here).ended).toEqual(await start(lab, [...program, ...argv]).ended);
    expect(existsSync(mark)).toBe(false);
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  it("has no az that is run, and none of its modules are, whatever PATH says", async () => {
    await start(lab, [...program, "target", "create", "azure", "--name", "cli", "--connection-type", "azure-cli"]).ended;
    for (const path of [".", `.${delimiter}`, `${delimiter}.`, "./bin"]) {
      const ran = await start(lab, [...program, "target", "test", "--name", "cli"], { cwd: folder, env: { PATH: path } }).ended;
      expect([ran.exit, ran.stderr]).toEqual([2, expect.stringContaining("The Azure CLI is not installed")]);
    }
    // A script as az's own is: Python looks for modules where it is started.
    const az = fakeAz(join(lab.folder, "az"), `exec python3 -c 'import azure'`);
    mkdirSync(join(folder, "azure"), { recursive: true });
    writeFileSync(join(folder, "azure/__init__.py"), `open(${JSON.stringify(mark)}, "w")`);
    const env = { PATH: `.${delimiter}${az.path}${delimiter}${process.env["PATH"]}` };
    expect((await start(lab, [...program, "target", "test", "--name", "cli"], { cwd: folder, env }).ended).exit).toBe(5);
    expect(existsSync(mark)).toBe(false);
    rmSync(join(folder, "azure"), { recursive: true });
  });

  it.runIf(canTrace()).each(commands.map((argv) => [argv.slice(0, 2).join(" "), argv]))(
    "is not touched by `usc %s` (needs strace)",
    async (_, argv) => {
      const { calls } = await traced(lab, argv, here);
      expect(
        calls.filter((call) => !call.includes(" getcwd(") && pathsIn(call).some((path) => `${path}/`.startsWith(`${folder}/`))),
      ).toEqual([]);
      expect(calls.length).toBeGreaterThan(20);
    },
  );
});

/** Every text in a call, as the path that it would be from the current folder. */
const pathsIn = (call: string): string[] => [...call.matchAll(/"([^"]+)"/gu)].map(([, path = ""]) => resolve(folder, path));
