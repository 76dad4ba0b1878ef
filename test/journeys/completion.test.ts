import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { describe as manifestOf } from "../../src/describe.ts";
import { cli } from "../support/cli.ts";

const { usc, folder, clean } = cli();
afterAll(clean);
const manifest = await manifestOf();
const files: Record<string, string> = {};
for (const shell of ["bash", "zsh", "fish", "pwsh"]) {
  files[shell] = join(folder, `usc.${shell}`);
  writeFileSync(files[shell], (await usc(["completion", shell])).stdout);
}
const words = (text: string): string[] => text.split("\n").filter((word) => word !== "");

/** What a program of a shell's prints, in a folder that holds the scripts. */
const told = (shell: string, ...argv: string[]): string[] =>
  words(
    execFileSync(shell, argv, {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, HOME: folder },
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );

/** What a shell offers behind these words, the last of which is being typed. */
const offers: Record<string, (typed: readonly string[]) => string[]> = {
  bash: (typed) => {
    const code = `source "$1"; shift; COMP_WORDS=(usc "$@"); COMP_CWORD=$#; _usc; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return told("bash", "--norc", "-c", code, "bash", files["bash"] ?? "", ...typed);
  },
  // Completing needs a terminal there: its own functions are stood in for, which get the words as the shell would give them.
  zsh: (typed) => {
    const code = `compdef() { : }; compset() { cur="\${cur#*=}" }
      _files() { for one in *; [[ "$one" == "$cur"* ]] && print -r -- "$one" }
      compadd() { shift; for one; [[ "$one" == "$cur"* ]] && print -r -- "$one" }
      source "$1"; shift; words=(usc "$@"); CURRENT=$#words; _usc; true`;
    return told("zsh", "-f", "-c", code, "zsh", files["zsh"] ?? "", ...typed);
  },
  fish: (typed) => {
    const code = "source $argv[1]; complete -C $argv[2]";
    return told("fish", "--no-config", "-c", code, files["fish"] ?? "", ["usc", ...typed].join(" ")).map(
      (offer) => offer.split("\t")[0] ?? "",
    );
  },
};

// Bash is everywhere; the others are looked at where somebody has them.
const installed = Object.keys(offers).filter((shell) => shell === "bash" || spawnSync(shell, ["-c", "exit 0"]).status === 0);

describe.each(installed)("completion in %s", (shell) => {
  const offered = (...typed: string[]): string[] => (offers[shell]?.(typed) ?? []).sort();

  it("offers commands, word by word", () => {
    expect(offered("expi")).toEqual(["expiring"]);
    expect(offered("target", "")).toEqual(["create", "delete", "get", "get-details", "list", "test", "update"]);
    expect(offered("target", "create", "")).toEqual(["azure"]);
    expect(offered("usc", "lis")).toEqual(["list", "list-auth-methods", "list-deleted", "list-items", "list-roles"]);
    expect(offered("completion", "z")).toEqual(["zsh"]);
    expect(offered("emulator", "")).toEqual(["start"]);
  });

  it("offers the flags of that command", () => {
    expect(offered("export", "--fo")).toEqual(["--force", "--format"]);
    expect(offered("usc-list", "--usc-name", "kv", "--sea")).toEqual(["--search"]);
    expect(offered("target", "create", "azure", "--client-s")).toEqual(["--client-secret", "--client-secret-file"]);
    expect(offered("run", "--m")).toEqual(["--map"]);
    expect(offered("emulator", "start", "--data")).toEqual(["--data-dir"]);
    expect(offered("list", "--no-such")).toEqual([]);
  });

  it("offers what a flag takes", () => {
    expect(offered("export", "--format", "")).toEqual(["azdo", "dotenv", "github", "json", "yaml"]);
    expect(offered("list", "--output", "t")).toEqual(["table"]);
    expect(offered("list", "-n", "kv", "-o", "y")).toEqual(["yaml"]);
    expect(offered("import", "--file", "usc.ba")).toEqual(["usc.bash"]);
    expect(offered("create", "--if-deleted", "p")).toEqual(["purge"]);
  });

  it("knows every command and every flag", () => {
    for (const { name, fields } of manifest.filter((_, index) => index % 7 === 0)) {
      const offer = offered(...name.split(" "), "--");
      for (const field of fields) expect(offer, name).toContain(`--${field.name}`);
    }
  });
});

describe("completion", () => {
  it("bash completes --flag=value, which it takes for three words", () => {
    expect(offers["bash"]?.(["export", "--format", "=", "j"])).toEqual(["json"]);
    expect(offers["bash"]?.(["export", "--format", "="])).toEqual(["dotenv", "json", "yaml", "github", "azdo"]);
  });

  it("bash completes programs behind `usc run --`", () => {
    expect(offers["bash"]?.(["run", "--all", "--", "bas"])).toContain("bash");
  });

  it.each(["bash", "zsh", "fish", "pwsh"])("for %s names every command, and holds no line that runs usc", async (shell) => {
    const { stdout, stderr, exit } = await usc(["completion", shell]);
    expect([exit, stderr]).toEqual([0, ""]);
    for (const { name } of manifest) for (const word of name.split(" ")) expect(stdout).toContain(word);
    expect(stdout.replace(/^#.*$/gmu, "")).not.toMatch(/\$\(usc |^\s*usc /mu);
  });

  it("needs the name of a shell", async () => {
    for (const argv of [["completion"], ["completion", "tcsh"], ["completion", "bash", "x"]]) {
      const ran = await usc(argv);
      expect([ran.exit, ran.stdout, ran.failure.error]).toEqual([
        2,
        "",
        "`usc completion` needs the name of a shell: bash, zsh, fish, pwsh.",
      ]);
    }
  });

  it("is in the overview", async () => {
    expect((await usc(["--help"])).stdout).toContain("usc completion");
  });
});
