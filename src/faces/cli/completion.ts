import { UscError } from "../../kernel/errors.ts";
import type { Manifest } from "../../kernel/manifest.ts";
import { flagsIn, type Spoken, spokenOf } from "./spoken.ts";

export interface LongLived {
  name: string;
  summary: string;
  /** Its help: the flags are read off it. */
  help: () => Promise<string>;
}

const shells = ["bash", "zsh", "fish", "pwsh"] as const;

/** The script that makes a shell complete `usc`: all of it is in there, so that completing asks nobody. */
export async function completion(argv: readonly string[], manifest: Manifest, processes: readonly LongLived[]): Promise<string> {
  const shell = shells.find((known) => known === argv[0]);
  if (shell === undefined || argv.length !== 1) {
    throw new UscError("usage", `\`usc completion\` needs the name of a shell: ${shells.join(", ")}.`, {
      hint: 'In ~/.bashrc: eval "$(usc completion bash)"',
    });
  }
  const longLived = await Promise.all(
    processes.map(async ({ name, summary, help }) => ({ names: [name], summary, flags: flagsIn(await help()) })),
  );
  const shellNames = shells.map((name) => ({ names: [`completion ${name}`], summary: `Completion for ${name}`, flags: [] }));
  const spoken: Spoken[] = [...manifest.map(spokenOf), ...longLived, ...shellNames];
  if (shell === "bash" || shell === "zsh") return (await import("./completion-bash.ts"))[shell](spoken);
  if (shell === "fish") return (await import("./completion-fish.ts")).fish(spoken);
  return (await import("./completion-pwsh.ts")).pwsh(spoken);
}
