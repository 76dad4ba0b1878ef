import { rmSync } from "node:fs";
import { bootstrap, type Bootstrap, hasCallers } from "../features/access/bootstrap.ts";
import { writeOutFile } from "../faces/cli/out-file.ts";
import { writeAll } from "../faces/cli/print.ts";
import { systemClock } from "../kernel/clock.ts";
import { isCode, UscError } from "../kernel/errors.ts";
import type { Store } from "../kernel/store.ts";

/** Shown once to a person, or written to a new file of his: nobody else gets it, and it stands nowhere else. */
export async function firstCaller(store: Store, path: string | undefined, say: (sentence: string) => void): Promise<void> {
  if (path === undefined && process.stderr.isTTY !== true) {
    throw new UscError("usage", "This is the first start, and there is no terminal to show the admin's access key on.", {
      hint: "Give --bootstrap-file PATH: a new file, mode 0600.",
    });
  }
  let handed = false;
  const hand = (made: Bootstrap): void => {
    if (path === undefined)
      writeAll(2, `usc: the admin's access id is ${made.access_id} and its key ${made.access_key}; the key is not shown again.\n`);
    else writeOutFile(path, Buffer.from(`${JSON.stringify(made)}\n`), false, "--bootstrap-file");
    handed = true;
  };
  try {
    await bootstrap({ store, clock: systemClock }, hand);
  } catch (error) {
    // A file that is not ours stays what it is.
    if (handed && path !== undefined) rmSync(path, { force: true });
    if (!isCode(error, "conflict")) throw error;
    if (!(await hasCallers({ store }))) throw handed ? withoutCallers() : taken();
    say(`Another gateway was faster, and its key is the admin's${handed && path === undefined ? "; the one above is not" : ""}.`);
  }
}

/** Also what a start has left that was killed before it stored the key. */
const taken = (): UscError =>
  new UscError("conflict", "--bootstrap-file names a file that exists, and nobody can log in yet: no key in it is good here.", {
    hint: "Name another file, or remove that one.",
  });

const withoutCallers = (): UscError =>
  new UscError("conflict", "Nobody can log in, and there is a role /admin of an admin who is gone.", {
    hint: "usc create-auth-method-api-key --name NAME, then usc assoc-role-am --role-name admin --am-name NAME",
  });
