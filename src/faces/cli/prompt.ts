import { UscError } from "../../kernel/errors.ts";

/** Asks a question that only a typed yes answers with yes. */
export async function askYes(question: string): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^\s*y(es)?\s*$/iu.test(await reader.question(`${question} [y/N] `));
  } catch {
    // Ctrl-C and Ctrl-D.
    return false;
  } finally {
    reader.close();
  }
}

/** Asks on the terminal without echo. Ends with Enter; Ctrl-U starts anew; Ctrl-C and Ctrl-D give up. The terminal's mode is restored in any case. */
export function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  // Silent before it asks: whoever answers at once must not see it.
  stdin.setRawMode(true);
  stderr.write(`${question}: `);
  stdin.setEncoding("utf8");
  return new Promise<string>((resolve, reject) => {
    let typed = "";
    const finish = (end: () => void): void => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.removeListener("data", read);
      stderr.write("\n");
      end();
    };
    const read = (text: string): void => {
      for (const character of text) {
        if (character === "\r" || character === "\n") return finish(() => resolve(typed));
        if (character === "\u0003" || character === "\u0004")
          return finish(() => reject(new UscError("interrupted", "Given up at the prompt.")));
        if (character === "\u0015") typed = "";
        else typed = character === "\u007f" || character === "\b" ? [...typed].slice(0, -1).join("") : typed + character;
      }
    };
    stdin.on("data", read);
    stdin.resume();
  });
}
