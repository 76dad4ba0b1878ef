import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import type { Standing } from "./port.ts";
import { clockToleranceMs } from "./schedule.ts";

/** Dates count from this machine's clock: where Azure's says otherwise, nothing is rotated by it. */
export function requireClock(now: number, { at = now }: Pick<Standing, "at">): void {
  if (Math.abs(now - at) <= clockToleranceMs) return;
  throw new UscError(
    "unavailable",
    `This machine's clock says ${rfc3339(now)}, and Azure's ${rfc3339(at)}: nothing is rotated by a wrong clock.`,
    {
      hint: "Set the clock of this machine, then repeat the command.",
    },
  );
}
