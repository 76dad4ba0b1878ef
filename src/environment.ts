import { join, resolve } from "node:path";
import { UscError } from "./kernel/errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the state lies: `$USC_HOME`, else the XDG data folder. */
export function homeOf(environment: Environment): string {
  if (environment["USC_HOME"]) return resolve(environment["USC_HOME"]);
  const user = environment["HOME"] || environment["USERPROFILE"];
  const data = environment["XDG_DATA_HOME"] || (user && join(user, ".local", "share"));
  if (data) return join(data, "usc");
  throw new UscError("usage", "There is no home folder to keep the state in.", { hint: "Set USC_HOME to a folder of your own." });
}

/** Node's own debug output of these modules prints the Authorization header. */
export function refuseUnsafeDebugging(environment: Environment): void {
  const section = (environment["NODE_DEBUG"] ?? "")
    .toLowerCase()
    .split(",")
    .find((name) => /https?|tls|net|undici|\*/u.test(name));
  if (section !== undefined) {
    throw new UscError("usage", "usc does not run under NODE_DEBUG of network modules: it would print tokens.", {
      hint: "Unset NODE_DEBUG; --verbose tells each request.",
    });
  }
}
