import { UscError } from "../../kernel/errors.ts";
import { choice, count, flag, list } from "../../kernel/fields.ts";
import { present } from "../../kernel/present.ts";
import { type Grace, type RotatedSecret, type RotatorType, timings } from "./model.ts";

/** Of create and update alike. */
export const scheduleFields = () => ({
  "auto-rotate": flag("Rotate it by schedule"),
  "rotation-interval": count("Days between two rotations", [1, 365]),
  "rotation-hour": count("Hour of the day, UTC (default: 14)", [0, 23]),
  "rotation-event-in": list("Tell the event forwarders so many days ahead; may be repeated", { placeholder: "DAYS" }),
  "grace-rotation": flag("Let the old and the new client secret work beside each other for some days"),
  "grace-rotation-interval": count("So many days, fewer than between two rotations (default: all the time)", [1, 364]),
  "grace-rotation-hour": count("Hour of the day at which they begin or end, UTC (default: the rotation's)", [0, 23]),
  "grace-rotation-timing": choice("After the date the old one is kept, before it the next one is made (default: after)", timings),
  "max-versions": count("How many values are kept, the current one included (default: 10)", [1, 50]),
  "delete-protection": flag("Refuse to delete it"),
});

interface GivenSchedule {
  "auto-rotate"?: boolean | undefined;
  "rotation-interval"?: number | undefined;
  "rotation-hour"?: number | undefined;
  "rotation-event-in"?: readonly string[] | undefined;
  "grace-rotation"?: boolean | undefined;
  "grace-rotation-interval"?: number | undefined;
  "grace-rotation-hour"?: number | undefined;
  "grace-rotation-timing"?: Grace["timing"] | undefined;
  "max-versions"?: number | undefined;
  "delete-protection"?: boolean | undefined;
}

type Schedule = Pick<
  RotatedSecret,
  "auto-rotate" | "rotation-interval" | "rotation-hour" | "rotation-event-in" | "grace" | "max-versions" | "delete-protection"
>;

export const usual: Schedule = {
  "auto-rotate": false,
  "rotation-hour": 14,
  "rotation-event-in": [],
  "max-versions": 10,
  "delete-protection": false,
};

/** What a record says after what was given. */
export function scheduleFrom(given: GivenSchedule, before: Schedule, rotator: RotatorType): Schedule {
  const { "rotation-event-in": days } = given;
  const { grace: hadGrace, ...others } = before;
  const schedule = {
    ...others,
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
  const grace = graceFrom(given, hadGrace, schedule["rotation-interval"]);
  if (grace !== undefined && rotator !== "api-key" && rotator !== "target") {
    throw new UscError(
      "usage",
      `--grace-rotation is for client secrets: of --rotator-type ${rotator} the old value ends with the new one.`,
      {
        hint: "Leave it out.",
      },
    );
  }
  return { ...schedule, ...present({ grace }) };
}

function graceFrom(given: GivenSchedule, before: Grace | undefined, between: number | undefined): Grace | undefined {
  const { "grace-rotation": asked, "grace-rotation-interval": interval, "grace-rotation-timing": timing } = given;
  const isOn = asked ?? before !== undefined;
  if (!isOn && (interval !== undefined || timing !== undefined)) {
    const which = interval === undefined ? "timing" : "interval";
    throw new UscError("usage", `--grace-rotation-${which} says nothing without --grace-rotation.`, { hint: "Give both, or none." });
  }
  if (!isOn) return undefined;
  const grace: Grace = { timing: "after", ...before, ...present({ interval, timing, hour: given["grace-rotation-hour"] }) };
  if (between === undefined && (grace.interval === undefined || grace.timing === "before")) {
    throw new UscError("usage", `--${grace.timing === "before" ? "rotation-interval" : "grace-rotation-interval"} is missing.`, {
      hint: grace.timing === "before" ? "Nothing is made ahead of a date without a schedule." : "Say how many days the old one is kept.",
    });
  }
  if (between !== undefined && grace.interval !== undefined && grace.interval >= between) {
    throw new UscError("usage", `--grace-rotation-interval ${grace.interval} is not less than --rotation-interval ${between}.`, {
      hint: "No more than two credentials work at a time; without --grace-rotation-interval they do so all the time.",
    });
  }
  return grace;
}

function dayCount(text: string): number {
  if (/^[1-9][0-9]{0,2}$/u.test(text) && Number(text) <= 365) return Number(text);
  throw new UscError("usage", "--rotation-event-in is not valid: expected days, 1 to 365.");
}

export function refuseProtectionKey({ key }: { key?: string | undefined }): void {
  if (key === undefined) return;
  throw new UscError("unsupported", "usc has no protection keys.", {
    hint: "Its store seals every value with its own master key; leave out --key.",
  });
}
