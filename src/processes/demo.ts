import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAll } from "../faces/cli/print.ts";
import { outcomes, UscError } from "../kernel/errors.ts";
import type { EmulatorReady } from "../emulator/index.ts";
import { startLocalAzure } from "./emulator-start.ts";

interface Step {
  says: string;
  argv: readonly string[];
  /** What standard input holds, and how a user would have put it there. */
  stdin?: { text: string; typed: string };
  exit?: number;
}

export const help = `  usc demo

Shows the whole job, command by command, against a local Azure of its own: target, connector, list, create, get, update,
delete, purge. Some seconds; leaves nothing.
`;

/** `usc demo`: the whole job, command by command, against a local Azure that lives as long as the demo. Leaves nothing. */
export async function run(argv: readonly string[]): Promise<number> {
  if (argv[0] === "--help" || argv[0] === "-h") {
    writeAll(1, help);
    return 0;
  }
  if (argv.length > 0) throw new UscError("usage", "`usc demo` takes no flags.");
  const emulator = await startLocalAzure({ name: "demo" });
  const home = mkdtempSync(join(tmpdir(), "usc-demo-"));
  const clean = async (): Promise<void> => {
    rmSync(home, { recursive: true, force: true });
    await emulator.stop();
  };
  for (const [signal, exit] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.removeAllListeners(signal).once(signal, () => void clean().finally(() => process.exit(exit)));
  }
  try {
    for (const step of steps(emulator.ready)) {
      const exit = await show(step, home);
      if (exit !== (step.exit ?? 0)) throw new UscError("internal", `The demo's \`usc ${step.argv[0]}\` ended with ${exit}.`);
    }
    writeAll(1, next);
    return 0;
  } finally {
    await clean();
  }
}

function steps(ready: EmulatorReady): Step[] {
  const kv = ["--usc-name", "/demo/kv"];
  const [vault] = ready.vaults;
  return [
    {
      says: "A local Azure is running. Its hosts are a cloud like any other.",
      argv: [
        "cloud",
        "register",
        "--name",
        ready.cloud,
        "--authority-host",
        ready.authority_host,
        "--key-vault-suffix",
        new URL(vault?.url ?? "").host.replace(/^[^.]+\./u, ""),
        "--graph-endpoint",
        ready.graph_endpoint,
        "--arm-endpoint",
        ready.arm_endpoint,
        "--ca-file",
        ready.ca_file,
      ],
    },
    {
      says: "A target is a stored identity. Its secret is sealed, and never typed where others can read it.",
      argv: [
        "target",
        "create",
        "azure",
        "--name",
        "/demo/app",
        "--azure-cloud",
        ready.cloud,
        "--tenant-id",
        ready.tenant_id,
        "--client-id",
        ready.client_id,
        "--client-secret-file",
        "-",
      ],
      stdin: { text: ready.client_secret, typed: "< client-secret.txt" },
    },
    {
      says: "A connector is one vault, reached through one target.",
      argv: ["create-usc", "--name", "/demo/kv", "--target-to-associate", "/demo/app", "--azure-kv-name", vault?.name ?? "demo"],
    },
    { says: "Nothing there yet.", argv: ["list", ...kv] },
    {
      says: "The bytes of a file or of standard input, exactly.",
      argv: ["create", ...kv, "--secret-name", "db-password", "--value-file", "-", "--tags", "team=billing"],
      stdin: { text: "correct horse\n", typed: "< password.txt" },
    },
    {
      says: "Creating it again does not overwrite it.",
      argv: ["create", ...kv, "--secret-name", "db-password", "--value", "other"],
      exit: outcomes.conflict.exit,
    },
    { says: "The value as base64, for scripts ...", argv: ["get", ...kv, "--secret-id", "db-password"] },
    { says: "... and as it is.", argv: ["get", ...kv, "--secret-id", "db-password", "-o", "raw"] },
    {
      says: "A new value is a new version; tags and content type stay.",
      argv: ["update", ...kv, "--secret-id", "db-password", "--value", "battery staple"],
    },
    { says: "As a table.", argv: ["list", ...kv, "-o", "table"] },
    { says: "Key Vault keeps a deleted secret ...", argv: ["delete", ...kv, "--secret-id", "db-password"] },
    {
      says: "... so it is not there, but its name is taken.",
      argv: ["create", ...kv, "--secret-name", "db-password", "--value", "new"],
      exit: outcomes.conflict.exit,
    },
    { says: "Purged, it is gone for good and the name is free.", argv: ["delete", ...kv, "--secret-id", "db-password", "--force-delete"] },
    { says: "Nothing is left.", argv: ["get", ...kv, "--secret-id", "db-password"], exit: outcomes.not_found.exit },
  ];
}

const next = `
That was a local Azure; nothing of it is left. Next:

  usc emulator start                       your own local Azure, for your own tests
  usc target create azure --help           store an identity of yours
  usc --help                               all commands
`;

function show({ says, argv, stdin }: Step, home: string): Promise<number> {
  writeAll(1, `\n# ${says}\n$ usc ${argv.map(quoted).join(" ")}${stdin ? ` ${stdin.typed}` : ""}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "../bin/usc.js"), ...argv], {
      env: { ...process.env, USC_HOME: home, ...nothingElse },
      stdio: ["pipe", "inherit", "pipe"],
    });
    // On stderr a failure comes as JSON; shown beside the answers it belongs to the transcript.
    child.stderr.on("data", (chunk: Buffer) => {
      try {
        writeAll(1, chunk);
      } catch (error) {
        reject(error);
      }
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin?.text ?? "");
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Of the demo's own is all that it uses. */
const nothingElse = { USC_MASTER_KEY: undefined, USC_GATEWAY_URL: undefined, USC_PROFILE: undefined, USC_TOKEN: undefined };

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
