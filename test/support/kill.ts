import type { Lab } from "../emulator/support.ts";
import { program, start, until, type User } from "./program.ts";

/** Of a command's requests, counted from 0, and of the effect of that one. */
export interface KillPoint {
  skip: number;
  moment: "before" | "after";
}

/** Runs usc up to that point and kills it there with -9, the local Azure lives on. `ended`: it never came to that point. */
export async function killAt(
  lab: Lab,
  user: User,
  argv: readonly string[],
  { skip, moment }: KillPoint,
  path = "/*secrets*",
): Promise<"killed" | "ended"> {
  await lab.control("POST", "/faults", { path, skip, hold: moment });
  const held = async (): Promise<boolean> => (await lab.control("GET", "/faults")).json.faults[0].held === 1;
  const { child, ended } = start(user, [...program, ...argv]);
  await until(`usc ${argv[0]} is held or has ended`, async () => child.exitCode !== null || (await held()));
  const wasHeld = child.exitCode === null;
  child.kill("SIGKILL");
  await ended;
  // The local Azure has seen it go: a request that was held before its effect has none.
  await until("nobody is held", async () => !(await held()));
  await lab.control("DELETE", "/faults");
  return wasHeld ? "killed" : "ended";
}
