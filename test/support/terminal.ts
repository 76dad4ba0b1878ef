import { spawn } from "node:child_process";
import { join } from "node:path";
import { until } from "./program.ts";

const driver = join(import.meta.dirname, "pty.py");

interface Left {
  /** Minus a signal's number if one ended it. */
  exit: number;
  screen: Buffer;
  /** What is typed was shown when the first text stood on the screen. */
  echoed: boolean;
  /** The terminal as it was left: shows what is typed, and edits lines. */
  echoes: boolean;
  edits: boolean;
}

/** A command on a terminal of its own. Python's `pty` makes it, since Node cannot; the tests need Python in any case (tools/python). */
export function onTerminal(words: readonly string[], env: Record<string, string>) {
  const child = spawn("python3", [driver, ...words], { env, stdio: ["pipe", "pipe", "inherit", "pipe"] });
  const screen: Buffer[] = [];
  let end = "";
  child.stdout?.on("data", (bytes: Buffer) => screen.push(bytes));
  child.stdio[3]?.on("data", (bytes: Buffer) => (end += bytes.toString()));
  child.stdin?.on("error", () => {});
  const left = new Promise<Left>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve({ ...(JSON.parse(end) as Omit<Left, "screen">), screen: Buffer.concat(screen) }));
  });
  return {
    left,
    screen: (): string => Buffer.concat(screen).toString(),
    type: (keys: string): void => void child.stdin?.write(keys),
    shows: (text: string): Promise<void> => until(`the screen shows ${JSON.stringify(text)}`, () => Buffer.concat(screen).includes(text)),
  };
}
