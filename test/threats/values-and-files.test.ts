import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";
import { canTrace } from "../support/state-lab.ts";
import { traced } from "../support/trace.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const guid = "11111111-2222-4333-8444-555555555555";
const planted = join(lab.folder, "canary-planted-2d61");
writeFileSync(planted, "the content of a file");
writeFileSync(join(lab.folder, "~canary-planted-2d61"), "the content of a file");

// What other programs take for the name of a file, and how they mark it.
const values: [string, string][] = [
  ["a path", planted],
  ["a path behind @", `@${planted}`],
  ["a file URL", `file://${planted}`],
  ["a name in the current folder", "~canary-planted-2d61"],
  ["/etc/hostname", "/etc/hostname"],
  ["@/etc/fstab", "@/etc/fstab"],
  ["-", "-"],
  ["@-", "@-"],
];
const pathIn = (value: string): string => value.replace(/^@|^file:\/\//u, "");

const create = (value: string): string[] => ["create", "--usc-name", "kv", "-s", "x", "--overwrite", "--value", value];
const identity = ["--tenant-id", guid, "--client-id", guid];
const target = (value: string): string[] => ["target", "create", "azure", "--name", "n", ...identity, "--client-secret", value];

describe("C2 a value that looks like the name of a file", () => {
  it.each(values)("is stored as it is: %s", async (_, value) => {
    const elsewhere = { input: "something else" };
    expect((await lab.usc(create(value), elsewhere)).exit).toBe(0);
    expect((await lab.usc(["get", "--usc-name", "kv", "-s", "x", "-o", "raw"])).stdout).toBe(value);
    expect((await lab.usc(target(value), elsewhere)).exit).toBe(0);
    const { stdout } = await lab.usc(["target", "get-details", "--name", "n"]);
    expect(stdout).toContain(`"azure_client_secret": "${value}"`);
    await lab.usc(["target", "delete", "--name", "n"]);
  });

  it.runIf(canTrace()).each(values)("reaches no call on files (needs strace): %s", async (_, value) => {
    for (const argv of [create(value), target(value)]) {
      const { exit, calls } = await traced(lab, argv, { cwd: lab.folder });
      expect(exit).toBe(0);
      expect(about(calls, value)).toEqual([]);
    }
    await lab.usc(["target", "delete", "--name", "n"]);
  });

  it.runIf(canTrace())("while --value-file does name a file, and the trace shows it (needs strace)", async () => {
    const { calls } = await traced(lab, ["create", "--usc-name", "kv", "-s", "filed", "--value-file", planted]);
    expect(about(calls, planted)).toHaveLength(1);
    const { calls: piped } = await traced(lab, ["create", "--usc-name", "kv", "-s", "filed", "--value-file", "-"]);
    expect(about(piped, "-")).toHaveLength(1);
  });
});

describe("a file that is larger than what is read at all", () => {
  const large = join(lab.folder, "large");
  writeFileSync(large, "x".repeat(2_000_000));
  const errorOf = async (argv: string[], input = ""): Promise<unknown> => {
    const { exit, stderr } = await lab.usc(argv, { input });
    return { exit, ...(JSON.parse(stderr) as object) };
  };

  it("is refused with its size and what Key Vault takes", async () => {
    expect(await errorOf(["create", "--usc-name", "kv", "-s", "large", "--value-file", large])).toMatchObject({
      exit: 2,
      error: "--value-file is too large: 2000000 bytes; Key Vault takes 25600.",
    });
  });

  it("on standard input is refused too, whose size nobody knows", async () => {
    expect(await errorOf(["update", "--usc-name", "kv", "-s", "large", "--value-file", "-"], "x".repeat(2_000_000))).toMatchObject({
      exit: 2,
      error: "--value-file is too large: more than 1 MiB; Key Vault takes 25600.",
    });
  });

  it("is refused whatever it was to fill", async () => {
    expect(await errorOf(["target", "create", "azure", "--name", "n", ...identity, "--client-secret-file", large])).toMatchObject({
      exit: 2,
      error: "--client-secret-file is too large: 2000000 bytes; at most 1 MiB of a file are read.",
    });
  });
});

it.runIf(canTrace())("C1 no command starts another program (needs strace)", async () => {
  const update = ["update", "--usc-name", "kv", "-s", "x", "-v", "canary"];
  for (const argv of [update, ["list", "--usc-name", "kv"], ["delete", "--usc-name", "kv", "-s", "x"], ["--help"], ["nonsense"]])
    expect((await traced(lab, argv)).calls.filter((call) => call.includes(" execve"))).toEqual([]);
});

/** The calls that name the value's file, read standard input or start a program. */
const about = (calls: readonly string[], value: string): string[] =>
  calls.filter((call) => (value.length > 2 && call.includes(pathIn(value))) || / (read\(0|execve)/u.test(call));
