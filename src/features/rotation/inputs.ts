import { UscError } from "../../kernel/errors.ts";
import { count, flag, list } from "../../kernel/fields.ts";
import { present } from "../../kernel/present.ts";
import type { RotatedSecret } from "./model.ts";

/** Of create and update alike. */
export const scheduleFields = () => ({
  "auto-rotate": flag("Rotate it by schedule"),
  "rotation-interval": count("Days between two rotations", [1, 365]),
  "rotation-hour": count("Hour of the day, UTC (default: 14)", [0, 23]),
  "rotation-event-in": list("Tell the event forwarders so many days ahead; may be repeated", { placeholder: "DAYS" }),
  "grace-rotation": flag("Keep the old credential for a while: not there yet"),
  "max-versions": count("How many values are kept, the current one included (default: 10)", [1, 50]),
  "delete-protection": flag("Refuse to delete it"),
});

interface GivenSchedule {
  "auto-rotate"?: boolean | undefined;
  "rotation-interval"?: number | undefined;
  "rotation-hour"?: number | undefined;
  "rotation-event-in"?: readonly string[] | undefined;
  "grace-rotation"?: boolean | undefined;
  "max-versions"?: number | undefined;
  "delete-protection"?: boolean | undefined;
}

type Schedule = Pick<
  RotatedSecret,
  "auto-rotate" | "rotation-interval" | "rotation-hour" | "rotation-event-in" | "max-versions" | "delete-protection"
>;

export const usual: Schedule = {
  "auto-rotate": false,
  "rotation-hour": 14,
  "rotation-event-in": [],
  "max-versions": 10,
  "delete-protection": false,
};

/** What a record says after what was given. */
export function scheduleFrom(given: GivenSchedule, before: Schedule): Schedule {
  if (given["grace-rotation"] === true) {
    throw new UscError("unsupported", "usc cannot keep the old credential for a while yet.", {
      hint: "Leave out --grace-rotation: the old one goes when the new one works.",
    });
  }
  const { "rotation-event-in": days } = given;
  const schedule = {
    ...before,
    ...present({
      "auto-rotate": given["auto-rotate"],
      "rotation-interval": given["rotation-interval"],
      "rotation-hour": given["rotation-hour"],
      "max-versions": given["max-versions"],
      "delete-protection": given["delete-protection"],
      "rotation-event-in": days === undefined ? undefined : [...new Set(days.map(dayCount))],
    }),
  };
  if (schedule["auto-rotate"] && schedule["rotation-interval"] === undefined) {
    throw new UscError("usage", "--rotation-interval is missing.", {
      hint: "--auto-rotate needs to know how many days lie between two rotations.",
    });
  }
  return schedule;
}

function dayCount(text: string): number {
  if (/^[1-9][0-9]{0,2}$/u.test(text) && Number(text) <= 365) return Number(text);
  throw new UscError("usage", "--rotation-event-in is not valid: expected days, 1 to 365.");
}
