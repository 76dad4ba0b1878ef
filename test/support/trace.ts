import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type How, program, start, type User } from "./program.ts";

/** A usc under strace: how it ended, its calls that name a file or start a program (its own start left out), and its reads of standard input. */
export async function traced(user: User, argv: readonly string[], how: How = {}) {
  const file = join(user.folder, `trace-${(traces += 1)}`);
  const strace = ["strace", "-f", "-qq", "-s", "65536", "-o", file, "-e", "trace=%file,read"];
  const ran = await start(user, [...strace, ...program, ...argv], how).ended;
  const [own = "", ...calls] = readFileSync(file, "utf8").split("\n");
  if (!own.includes(" execve(")) throw new Error(`not a trace: ${own}`);
  return { ...ran, calls: calls.filter((call) => !/ read\([^0]/u.test(call) && !call.includes("<... read resumed>")) };
}

let traces = 0;
