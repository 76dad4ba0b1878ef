import type { Lab } from "../emulator/support.ts";
import { program, start, until, type User } from "./program.ts";

/** Of a command's requests, counted from 0, and of the effect of that one. */
export interface KillPoint {
  skip: number;
  moment: "before" | "after";
}

/** A process under test. */
interface Killable {
  ended: Promise<unknown>;
  kill(): void;
}

/** Starts it, and waits until it is held at that point, or has ended without. The fault stays. */
export async function heldAt<One extends Pick<Killable, "ended">>(
  lab: Lab,
  { skip, moment }: KillPoint,
  run: () => One | Promise<One>,
  path = "*",
): Promise<{ one: One; wasHeld: boolean }> {
  await lab.control("POST", "/faults", { path, skip, hold: moment });
  const one = await run();
  let hasEnded = false;
  void one.ended.then(() => (hasEnded = true));
  await until(`it is held ${moment} request ${skip}, or has ended`, async () => hasEnded || (await isHeld(lab)));
  return { one, wasHeld: !hasEnded };
}

const isHeld = async (lab: Lab): Promise<boolean> => (await lab.control("GET", "/faults")).json.faults[0].held === 1;

/** Starts it, and kills it with -9 at that point, while the local Azure lives on. `ended`: it never came to that point. */
export async function killedAt(lab: Lab, point: KillPoint, run: () => Killable, path = "*"): Promise<"killed" | "ended"> {
  const { one, wasHeld } = await heldAt(lab, point, run, path);
  one.kill();
  await one.ended;
  // The local Azure has seen it go: a request that was held before its effect has none.
  await until("nobody is held", async () => !(await isHeld(lab)));
  await lab.control("DELETE", "/faults");
  return wasHeld ? "killed" : "ended";
}

/** The same of usc. */
export function killAt(lab: Lab, user: User, argv: readonly string[], point: KillPoint, path = "/*secrets*"): Promise<"killed" | "ended"> {
  const run = (): Killable => {
    const { child, ended } = start(user, [...program, ...argv]);
    return { ended, kill: () => child.kill("SIGKILL") };
  };
  return killedAt(lab, point, run, path);
}
