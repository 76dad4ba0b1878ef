import { describe, expect, it } from "vitest";
import { nextRotation, nextStep, notices, restAfter, restOf, rotatedAt } from "../../src/features/rotation/schedule.ts";

const scheduled = (rotated: string | undefined, days: number, hour = 14) => ({
  "auto-rotate": true,
  "rotation-interval": days,
  "rotation-hour": hour,
  ...(rotated === undefined ? {} : { "rotated-at": rotated }),
  "created-at": "2026-01-01T09:30:00Z",
});
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16));

describe("the next rotation is so many days after the day of the last one, at the hour, in UTC", () => {
  it.each([
    ["2026-03-10T00:00:00Z", 1, 14, "2026-03-11T14:00"],
    ["2026-03-10T23:59:59Z", 1, 0, "2026-03-11T00:00"],
    ["2026-03-10T23:59:59Z", 1, 23, "2026-03-11T23:00"],
    // Where clocks are put forward and back, UTC's are not.
    ["2026-03-28T14:00:00Z", 1, 2, "2026-03-29T02:00"],
    ["2026-10-24T14:00:00Z", 1, 2, "2026-10-25T02:00"],
    // Leap days.
    ["2028-02-28T14:00:00Z", 1, 14, "2028-02-29T14:00"],
    ["2028-02-28T14:00:00Z", 2, 14, "2028-03-01T14:00"],
    ["2026-02-28T14:00:00Z", 1, 14, "2026-03-01T14:00"],
    ["2028-02-29T14:00:00Z", 365, 14, "2029-02-28T14:00"],
    ["2026-12-31T23:00:00Z", 365, 0, "2027-12-31T00:00"],
    [undefined, 30, 14, "2026-01-31T14:00"],
  ])("%s, %i days, hour %i: %s", (rotated, days, hour, next) => {
    expect(iso(nextRotation(scheduled(rotated, days, hour)))).toBe(next);
  });

  it("is none without --auto-rotate", () => {
    expect(nextRotation({ ...scheduled("2026-03-10T00:00:00Z", 1), "auto-rotate": false })).toBeUndefined();
  });

  it("is told of on each of the days ahead that were asked for, and not of those that were told", () => {
    const item = { ...scheduled("2026-03-01T00:00:00Z", 30), "rotation-event-in": [7, 1], told: [7] };
    expect(notices(item).map(({ days, at }) => [days, iso(at)])).toEqual([[1, "2026-03-30T14:00"]]);
  });
});

describe("after a failure an item rests", () => {
  it("twice as long each time, up to six hours, and no shorter than Azure asks for", () => {
    expect([1, 2, 3, 9, 10, 1000].map((failures) => restAfter(failures, 0) / 60_000)).toEqual([1, 2, 4, 256, 360, 360]);
    expect(restAfter(1, 600_000)).toBe(600_000);
  });
});

describe("under grace", () => {
  const graced = (timing: "after" | "before", more: object = {}, grace: object = {}) => ({
    ...scheduled("2028-02-20T14:05:00Z", 30, 14),
    grace: { timing, interval: 9, hour: 3, ...grace },
    ...more,
  });
  const next = (item: Parameters<typeof nextStep>[0]) => {
    const step = nextStep(item);
    return step === undefined ? undefined : `${step.does} ${iso(step.at)}`;
  };

  it("after the date, what was replaced goes so many days after the day of the rotation, at the hour of grace", () => {
    expect(next(graced("after"))).toBe("rotate 2028-03-21T14:00");
    expect(next(graced("after", { spare: "old" }))).toBe("retire 2028-02-29T03:00");
    expect(next(graced("after", { spare: "old" }, { hour: undefined }))).toBe("retire 2028-02-29T14:00");
    expect(next(graced("after", { spare: "old", "auto-rotate": false }))).toBe("retire 2028-02-29T03:00");
  });

  it("before the date, the next one is made so many days ahead of its day, at the hour of grace", () => {
    expect(next(graced("before"))).toBe("make 2028-03-12T03:00");
    expect(next(graced("before", { spare: "next" }))).toBe("rotate 2028-03-21T14:00");
    expect(next(graced("before", { "auto-rotate": false }))).toBeUndefined();
  });

  it("of no days of its own, two work all the time: the older goes, and the next is made, with each rotation", () => {
    expect(next(graced("after", { spare: "old" }, { interval: undefined, hour: undefined }))).toBe("retire 2028-03-21T14:00");
    expect(next(graced("before", {}, { interval: undefined, hour: undefined }))).toBe("make 2028-02-20T14:00");
  });

  it.each([
    ["after", "next"],
    ["before", "old"],
    [undefined, "old"],
    [undefined, "next"],
  ] as const)("that is %s now, a spare %s one goes at once", (timing, spare) => {
    const item = { ...graced("after", { spare }), grace: timing === undefined ? undefined : { timing } };
    expect(next(item as Parameters<typeof nextStep>[0])).toBe("retire 1970-01-01T00:00");
  });
});

describe("a clock that is put back", () => {
  const day = Date.parse("2028-03-01T00:00:00Z");
  const minute = 60_000;
  it("within a rotation, or a little after it, brings no day back that was served", () => {
    expect(rotatedAt(day - minute, day + minute, undefined)).toBe(day + minute);
    expect(rotatedAt(day - minute, day - minute, day + minute)).toBe(day + minute);
    expect(rotatedAt(day + minute, day, day - minute)).toBe(day + minute);
  });

  it("by a year leaves nothing of what it wrote before: neither a date nor a rest", () => {
    expect(rotatedAt(day, day, day + 365 * 1440 * minute)).toBe(day);
    expect(restOf({ rest: day + 365 * 1440 * minute }, day)).toBe(0);
    expect(restOf({ rest: day + minute }, day)).toBe(day + minute);
  });
});
