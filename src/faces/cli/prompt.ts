import { UscError } from "../../kernel/errors.ts";

/** Asks for a secret: nothing of it is shown. */
export const askHidden = (question: string): Promise<string> => ask(`${question}: `, () => "");

/** Asks a question that only a typed yes answers with yes; giving up is a no. */
export async function askYes(question: string): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `, (text) => text).catch(() => "");
  return /^\s*y(es)?\s*$/iu.test(answer);
}

/** A line from the terminal. Ends with Enter; Ctrl-U starts anew; Ctrl-C and Ctrl-D give up. The terminal's mode is restored in any case. */
function ask(question: string, shown: (text: string) => string): Promise<string> {
  const { stdin, stderr } = process;
  // Silent before it asks: whoever answers at once must not see it.
  stdin.setRawMode(true);
  stderr.write(question);
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
        const before = typed;
        if (character === "\u0015") typed = "";
        else typed = character === "\u007f" || character === "\b" ? [...typed].slice(0, -1).join("") : typed + character;
        const printable = /[\x20-\x7e]/u.test(character) ? character : "";
        stderr.write(typed.length > before.length ? shown(printable) : shown("\b \b".repeat(before.length - typed.length)));
      }
    };
    stdin.on("data", read);
    stdin.resume();
  });
}
