import { afterAll, describe, expect, it } from "vitest";
import { stateLab } from "../support/state-lab.ts";
import { key } from "./rotation-things.ts";
import { byHand, graced, graceWork } from "./rotation-work.ts";
import { type Call, duty, endsWell, nameOf, type Point, requireWhole, tally, type Work, worldOf } from "./rotation-world.ts";

const { newHome } = stateLab();
/** In CI only every so many points of a command are tried, of each other ones; one at least. */
const stride = process.env["CI"] === undefined ? 1 : 17;
afterAll(() => {
  console.log(`rotation: ${tally.killed} kill points, ${tally.lost} lost`);
  expect(tally.killed).toBeGreaterThanOrEqual(10);
});

/** What only the item's home knows: its creation, or an update with a credential that somebody else has made. */
type Made = "create" | "give";

/** What is killed, and who comes afterwards. `may`: how that one may end, beside well. */
interface Command extends Work {
  call: Call | Made;
  next: Call | Made;
  may?: readonly string[];
  /** Of the points at which it can be killed, if fewer than ten. */
  least?: number;
}
const rotating: Call = ["rotate-secret", key];
const deleting: Call = ["rotated-secret delete", key];
const again = { call: rotating, next: rotating, ends: "there" } as const;
// It exists when all was done, or can be finished.
const creating = { call: "create", next: "create", may: ["conflict"], ends: "there" } as const;
const giving = { call: "give", next: "give", ends: "there" } as const;
const commands: Record<string, Command> = {
  "rotate-secret of an api-key, then again": { kind: "api-key", ...again },
  "rotate-secret of an api-key, then the duty": { kind: "api-key", ...again, next: duty },
  "rotate-secret of a target, then again": { kind: "target", ...again },
  "rotate-secret of a password, then again": { kind: "password", ...again },
  "rotate-secret of a password, then the duty": { kind: "password", ...again, next: duty },
  "rotate-secret of a storage key, then again": { kind: "storage key", ...again },
  "rotate-secret of a storage key, then the duty": { kind: "storage key", ...again, next: duty },
  "rotated-secret create, then again": { kind: "api-key", ...creating },
  "rotated-secret create, then the duty": { kind: "api-key", ...creating, next: duty, ends: "either" },
  "rotated-secret create of a password, then again": { kind: "password", ...creating },
  "rotated-secret create of a password, then the duty": { kind: "password", ...creating, next: duty, ends: "either" },
  "rotated-secret delete, then again": { kind: "api-key", call: deleting, next: deleting, may: ["not_found"], ends: "gone" },
  "update with a client secret made by hand, then again": { kind: "api-key", ...giving },
  "update with a client secret made by hand, then the duty": { kind: "api-key", ...giving, next: duty },
  "update with one in days of grace, then again": { kind: "api-key", ...giving, more: graced("after"), before: byHand },
  // It asks for a login and a look, and sets nothing.
  "update with a password set by hand, then again": { kind: "password", ...giving, least: 8 },
  "rotate-secret with grace after the date, then again": {
    ...again,
    kind: "api-key",
    more: graced("after"),
    before: byHand,
    spare: [1],
  },
  ...Object.fromEntries(
    Object.entries(graceWork).map(([when, work]) => [`the duty ${when}, then again`, { ...work, call: duty, next: duty }]),
  ),
  // What was not written down yet has not ended.
  "update that ends grace, then the duty": {
    kind: "api-key",
    call: ["rotated-secret update azure", { ...key, "grace-rotation": false }],
    next: duty,
    ends: "there",
    more: graced("after"),
    before: byHand,
    spare: [0, 1],
  },
};

describe("killed with -9 before or after any commit or request, the next call brings it to its end", () => {
  it.concurrent.each(Object.entries(commands).map(([label, command], index) => [label, command, index] as const))(
    "%s",
    async (_, command, index) => {
      const world = await worldOf(command, newHome);
      const fresh = async () => {
        const given = await world.fresh(command.call === "create" ? "to be made" : "there");
        const gift = command.call === "give" ? await given.thing.gift?.() : {};
        return { ...given, give: ["rotated-secret update azure", { ...key, ...gift }] satisfies Call };
      };
      const callOf = (made: Record<Made, Call>, call: Call | Made): Call => (typeof call === "string" ? made[call] : call);
      const whole = await fresh();
      const points = await world.pointsOf(whole.home, callOf(whole, command.call));
      const step = Math.min(stride, points.length);
      const tried = points.filter((_point: Point, at) => (at + index * 5) % step === 0);
      for (const point of tried) {
        const given = await fresh();
        await world.killed(given.home, callOf(given, command.call), 0, point);
        await endsWell(given.home, callOf(given, command.next), 2, nameOf(point), command.may);
        await requireWhole(given, command, nameOf(point));
      }
      expect(tried.length).toBeGreaterThanOrEqual(stride === 1 ? (command.least ?? 10) : 1);
    },
    400_000,
  );
});
