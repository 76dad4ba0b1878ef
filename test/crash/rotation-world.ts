import { expect } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { contentOf } from "../../src/features/rotation/find.ts";
import { rotatedSecrets, rotations } from "../../src/features/rotation/model.ts";
import { spareKeys } from "../../src/features/rotation/spare.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { killedAt, type KillPoint } from "../support/kill.ts";
import { childOf } from "../support/points.ts";
import { rotationHouse } from "../support/rotation-house.ts";
import { type House, key, kinds } from "./rotation-things.ts";

export type Call = [name: string, input: Record<string, unknown>];
export const duty: Call = ["duty run", {}];

/** An item to be killed over, and how it stands in the end. */
export interface Work {
  kind: keyof typeof kinds;
  ends: "there" | "gone" | "either";
  /** The item's schedule or time of grace, and what is done before. */
  more?: Record<string, unknown>;
  before?: (house: House) => Promise<void>;
  /** How many client secrets of ours may stand beside the current one in the end. */
  spare?: readonly number[];
}

interface Line {
  at: number;
  answer: unknown;
  code: string;
  error: string;
  points: number;
}

/** So many minutes from now, in a process of its own. */
export const processOf = (home: string, [name, input]: Call, minutes: number, point?: number) =>
  childOf<Line>("rotation-child.ts", [home, name, JSON.stringify(input), minutes, point]);

/** Over all of a file. */
export const tally = { killed: 0, lost: 0 };

/** Where a process is killed: before its commit n (2n) or after it (2n + 1); or at a request. */
export type Point = { commit: number } | KillPoint;

export const commitAt = (commit: number): Point => ({ commit });
export const requestAt = (at: number): KillPoint => ({ skip: at >> 1, moment: at % 2 === 0 ? "before" : "after" });
export const nameOf = (point: Point): string =>
  "skip" in point ? `${point.moment} request ${point.skip}` : `${point.commit % 2 === 0 ? "before" : "after"} commit ${point.commit >> 1}`;

/** A local Azure, and homes in which /key stands, unless that is what is tried. */
export async function worldOf({ kind, more, before }: Work, newHome: () => string) {
  const lab = await openLab({ name: "lab" });
  const create = (input: object): Call => ["rotated-secret create azure", { ...input, ...more }];
  const fresh = async (isThere: "there" | "to be made" = "there") => {
    const home = newHome();
    const store = openStore({ home });
    // Nobody kills it, so nobody has to wait for it.
    const house = await rotationHouse(lab, store, leapingClock());
    const thing = await kinds[kind](lab, house);
    if (isThere === "there") await house.call(...create(thing.input));
    await before?.(house);
    return { home, store, house, thing, create: create(thing.input) };
  };
  /** All at which a call can be killed. */
  const pointsOf = async (home: string, call: Call): Promise<Point[]> => {
    await lab.control("DELETE", "/requests");
    const { points = 0, error } = await processOf(home, call, 0).ended;
    expect(error).toBeUndefined();
    const requests: number = (await lab.control("GET", "/requests")).json.requests.length;
    return [...Array.from({ length: points }, (_, at) => commitAt(at)), ...Array.from({ length: requests * 2 }, (_, at) => requestAt(at))];
  };
  /** `ended`: it never came to that point. */
  const killed = async (home: string, call: Call, minutes: number, point: Point): Promise<"killed" | "ended"> => {
    const how =
      "skip" in point
        ? await killedAt(lab, point, () => processOf(home, call, minutes))
        : await atCommit(home, call, minutes, point.commit);
    if (how === "killed") tally.killed += 1;
    return how;
  };
  return { lab, fresh, pointsOf, killed };
}
export type Fresh = Awaited<ReturnType<Awaited<ReturnType<typeof worldOf>>["fresh"]>>;

async function atCommit(home: string, call: Call, minutes: number, commit: number): Promise<"killed" | "ended"> {
  const one = processOf(home, call, minutes, commit);
  await one.first;
  one.kill();
  return (await one.ended).at === undefined ? "ended" : "killed";
}

/** Whoever comes next, so many minutes later, ends well. */
export async function endsWell(home: string, call: Call, minutes: number, where: string, may: readonly string[] = []): Promise<void> {
  const ended = await processOf(home, call, minutes).ended;
  if (!may.includes(ended.code ?? ""))
    expect({ where, ...ended }).toEqual({ where, answer: expect.anything(), points: expect.any(Number) });
}

/** get-value gives a credential that works, Azure has what the item says and what is foreign, and nothing is unfinished. */
export async function requireWhole({ store, house, thing }: Fresh, { ends, spare = [0] }: Work, where: string): Promise<void> {
  const found = await store.collection(rotatedSecrets).get(key.name);
  const there = found !== undefined;
  if (ends !== "either") expect({ where, there }).toEqual({ where, there: ends === "there" });
  expect({ where, left: await store.collection(rotations).list() }).toEqual({ where, left: [] });
  const value = there ? await house.value(key.name) : undefined;
  const works = await thing.works(value);
  if (!works) tally.lost += 1;
  expect({ where, works }).toEqual({ where, works: true });
  const content = found && (await contentOf(store, found.value)).content;
  const beside = content === undefined ? [] : spareKeys(content);
  const { expected, stands } = (await thing.stands?.(value, beside)) ?? {};
  expect({ where, stands }).toEqual({ where, stands: expected });
  expect(spare).toContain(beside.length);
  expect({ where, spare: found?.value.spare }).toEqual({ where, spare: beside.length === 0 ? undefined : content?.next ? "next" : "old" });
}
