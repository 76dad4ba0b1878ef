import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { describe as manifestOf } from "../../src/describe.ts";
import { catalogueOf } from "../../src/kernel/manifest.ts";
import { findCommand } from "../../src/faces/cli/find-command.ts";
import { parseLine } from "../../src/faces/cli/line.ts";
import { checkout, cli } from "../support/cli.ts";

const { folder, home, clean } = cli();
afterAll(clean);
const catalogue = catalogueOf((await manifestOf()).map((command) => JSON.stringify(command)));
const guides = join(checkout, "docs/guide");
const textOf = (guide: string): string => readFileSync(join(guides, guide), "utf8");
const blocks = (guide: string): string[] => [...textOf(guide).matchAll(/```sh\n(.*?)```/gsu)].map(([, block = ""]) => block);

/** The commands of a text, as words; what a shell would put in their place is one word. */
function commandsIn(text: string): string[][] {
  const joined = text.replaceAll("\\\n", " ").replace(/^\s*#.*$/gmu, "");
  const found = [...joined.matchAll(/(?:^|[|&;(`] ?|! )usc ([a-z][^|&;`\n]*)/gmu)].map(([, line = ""]) => line);
  return found.map((line) => {
    const plain = line
      .replace(/"\$\([^)]*\)"|"[^"]*"|'[^']*'/gu, "WORD")
      .replace(/\s2?[<>].*$/u, "")
      .replace(/\)[^)]*$/u, "");
    return plain.trim().split(/\s+/u);
  });
}

describe.each(readdirSync(guides))("the guide %s", (guide) => {
  it("names commands and flags that there are", () => {
    const commands = [...blocks(guide), ...[...textOf(guide).matchAll(/`(usc [^`]+)`/gu)].map(([, code = ""]) => code)].flatMap(commandsIn);
    expect(commands.length).toBeGreaterThan(0);
    for (const words of commands) {
      if (/^(run|demo|emulator|completion|gateway|COMMAND)$/u.test(words[0] ?? "")) continue;
      expect(() => parseLine(findCommand(catalogue, words).command, findCommand(catalogue, words).rest), words.join(" ")).not.toThrow();
    }
  });
});

describe.each(["identities.md", "proxies-and-cas.md"])("the guide %s", (guide) => {
  const source = readdirSync(join(checkout, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(checkout, "src", file), "utf8"))
    .join("\n");
  const quoted = [...textOf(guide).matchAll(/^\|([^|]+)\|/gmu)].flatMap(([, cell = ""]) => [...cell.matchAll(/"([^"]+)"/gu)]);

  it("quotes what usc says", () => {
    expect(quoted.length).toBeGreaterThan(3);
    const parts = quoted.flatMap(([, words = ""]) => words.replace(/ \(HTTP \d+\)/u, "").split("..."));
    expect(parts.map((part) => part.trim()).filter((part) => !source.includes(part))).toEqual([]);
  });
});

describe("the guide to a local Key Vault", () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "usc"), `#!/bin/sh\nexec "${process.execPath}" "${join(checkout, "bin/usc.js")}" "$@"\n`);
  chmodSync(join(bin, "usc"), 0o755);

  it("can be typed as it stands: a vault with secrets, and faults on demand", () => {
    const [start = "", , wrong = ""] = blocks("local-key-vault.md");
    const rest = `trap 'kill %1; wait' EXIT
      ${start}
      ${wrong.replaceAll(/^say DELETE \/faults$/gmu, "usc get -n dev -s db-password --max-retries 0 || true\n$&")}
      usc get -n dev -s db-password -o raw`;
    const ran = spawnSync("bash", ["--norc", "-euc", rest], {
      cwd: folder,
      env: { PATH: `${bin}:${process.env["PATH"]}`, HOME: folder, USC_HOME: home },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
    });
    expect(ran.stdout).toMatch(/create db-password\ncreate api-key\nSECRET_ID .*api-key.*db-password/su);
    expect(ran.stdout).toMatch(/GET \/secrets\/db-password\S* 429/u);
    expect(ran.stderr).toContain('"code":"unavailable"');
    expect(ran.stdout).toMatch(/correct horse$/u);
    expect(ran.status).toBe(0);
  });
});

describe("the guide to identities", () => {
  it("can be typed as it stands: a certificate made by openssl becomes the target's, and its key stays nowhere else", () => {
    const made = blocks("identities.md").find((block) => block.includes("openssl req")) ?? "";
    const guid = "11111111-2222-4333-8444-555555555555";
    const script = `az() { echo "az $*"; }
      client=${guid}
      usc target create azure --name /prod/app --tenant-id ${guid} --client-id ${guid} --client-secret x
      ${made}
      usc target get --name /prod/app`;
    const at = join(folder, "identities");
    mkdirSync(at);
    const ran = spawnSync("bash", ["--norc", "-euc", script], {
      cwd: at,
      env: { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, HOME: folder, USC_HOME: home },
      encoding: "utf8",
    });
    expect([ran.status, ran.stdout]).toEqual([
      0,
      expect.stringMatching(/az ad app credential reset .* --cert @app\.crt\n[^]*"connection_type": "certificate"/u),
    ]);
    expect(readdirSync(at)).toEqual(["app.crt"]);
  });
});
