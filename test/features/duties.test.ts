import { describe, expect, it } from "vitest";
import { attend } from "../../src/features/duties/loop.ts";
import { operations } from "../../src/features/duties/index.ts";
import type { Deps } from "../../src/features/duties/deps.ts";
import type { Duty, Turn } from "../../src/kernel/duty.ts";
import { UscError } from "../../src/kernel/errors.ts";
import { operationNamed } from "../../src/kernel/operation.ts";
import type { Store } from "../../src/kernel/store.ts";
import { handClock } from "../support/hand-clock.ts";
import { memoryStore } from "../support/memory-store.ts";
import { quietSteps } from "../support/quiet-steps.ts";
import { effectsOf } from "../support/duty-effects.ts";

const leaseMs = 60_000;
const minute = 60_000;
const never = new AbortController().signal;

type Hand = ReturnType<typeof handClock>;
type Row = { name: string; outcome: string; detail?: string };

/** One process: what it knows of duties, over a store and a clock that others share. */
function processOf({ store, hand, duties, holder = "one", stop = never }: Partial<Place> & { duties: readonly Duty[] }) {
  const place = { store: store ?? memoryStore(), hand: hand ?? handClock() };
  const deps: Deps = {
    store: place.store,
    clock: place.hand.clock,
    holder,
    random: () => 0.5,
    leaseMs,
    duties: async () => [...duties],
    steps: quietSteps({ stopping: () => stop }),
  };
  const rows = async (name: string, input: Record<string, unknown>): Promise<unknown[]> =>
    ((await operationNamed(name, operations(deps)).run(input as never)) as { duties: unknown[] }).duties;
  const ask = async (input: Record<string, unknown> = {}) => (await rows("duty run", input)) as Row[];
  const look = async () => (await rows("duty list", {}))[0] as Record<string, unknown>;
  return { ...place, deps, run: ask, look };
}

interface Place {
  store: Store;
  hand: Hand;
  holder: string;
  stop: AbortSignal;
}

/** Due once an hour; `act` is its run. */
const hourly = (act: (turn: Turn) => Promise<string>, name = "chime"): Duty => ({
  name,
  summary: "Chimes",
  due: async (_, last = 0) => last + 60 * minute,
  run: act,
});

/** A promise to be kept by hand. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe("a duty", () => {
  it("runs when it is due, and not again before it is due again", async () => {
    let runs = 0;
    const { run: duty, hand } = processOf({ duties: [hourly(async () => `Chimed ${++runs} times.`)] });
    expect(await duty()).toEqual([{ name: "chime", outcome: "ok", detail: "Chimed 1 times." }]);
    expect(await duty()).toEqual([{ name: "chime", outcome: "not_due" }]);
    await hand.advance(60 * minute);
    expect(await duty()).toEqual([{ name: "chime", outcome: "ok", detail: "Chimed 2 times." }]);
  });

  it("runs by its name though it is not due, unless --if-due", async () => {
    let runs = 0;
    const { run: duty } = processOf({ duties: [hourly(async () => `${++runs}`)] });
    await duty();
    expect(await duty({ name: "chime", "if-due": true })).toEqual([{ name: "chime", outcome: "not_due" }]);
    expect(await duty({ name: "chime" })).toEqual([{ name: "chime", outcome: "ok", detail: "2" }]);
  });

  it("of another name is not_found, and the ones that there are are named", async () => {
    const { run: duty } = processOf({ duties: [hourly(async () => "")] });
    await expect(duty({ name: "chimes" })).rejects.toMatchObject({ code: "not_found", details: { hint: "There are chime." } });
  });

  it("that fails is left alone for a while, twice as long each time up to an hour, and says why", async () => {
    const {
      run: duty,
      hand,
      look,
    } = processOf({
      duties: [hourly(async () => Promise.reject(new UscError("forbidden", "The vault refused.")))],
    });
    const rests: number[] = [];
    for (let failures = 1; failures <= 9; failures += 1) {
      await expect(duty()).rejects.toMatchObject({ code: "partial", details: { answer: { duties: [{ outcome: "forbidden" }] } } });
      const { next, state, detail } = await look();
      expect({ state, detail }).toEqual({ state: "failing", detail: "The vault refused." });
      expect((await look())["failures"]).toBe(failures);
      const rest = Date.parse(String(next)) - hand.clock.now();
      rests.push(rest / 1000);
      await hand.advance(rest - 1);
      expect(await duty()).toEqual([{ name: "chime", outcome: "not_due" }]);
      await hand.advance(1);
    }
    expect(rests).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
  });

  it("that fails with a time of the service's own waits for that, up to an hour", async () => {
    const busy = new UscError("unavailable", "Throttled.", { retryAfter: 1800 });
    const { run: duty, hand, look } = processOf({ duties: [hourly(async () => Promise.reject(busy))] });
    await expect(duty()).rejects.toThrow();
    expect(Date.parse(String((await look())["next"])) - hand.clock.now()).toBe(1_800_000);
  });

  it("given by its name fails with its own code", async () => {
    const { run: duty } = processOf({ duties: [hourly(async () => Promise.reject(new UscError("forbidden", "No.")))] });
    await expect(duty({ name: "chime" })).rejects.toMatchObject({ code: "forbidden" });
  });

  it("does not keep others from running when it fails", async () => {
    const failing = hourly(async () => Promise.reject(new Error("a bug")), "bad");
    const { run: duty } = processOf({ duties: [failing, hourly(async () => "Fine.")] });
    await expect(duty()).rejects.toMatchObject({
      message: "Of 2 duties 1 failed: bad.",
      details: {
        answer: {
          duties: [
            { name: "bad", outcome: "internal" },
            { name: "chime", outcome: "ok" },
          ],
        },
      },
    });
  });

  it("that is asked to stop has not failed, and goes on at the next call", async () => {
    const stop = new AbortController();
    const stopped = hourly(async ({ signal }) => {
      stop.abort();
      signal.throwIfAborted();
      return "";
    });
    const { run: duty, look } = processOf({ duties: [stopped], stop: stop.signal });
    await expect(duty()).rejects.toMatchObject({ code: "interrupted" });
    expect(await look()).toMatchObject({ state: "due", failures: 0, last_outcome: "interrupted" });
  });

  it("of a clock that ran ahead is due, not asleep for years", async () => {
    const { run: duty, hand } = processOf({ duties: [hourly(async () => "")] });
    const today = hand.clock.now();
    hand.set(today + 365 * 24 * 60 * minute);
    await duty();
    hand.set(today);
    expect(await duty()).toMatchObject([{ outcome: "ok" }]);
    expect(await duty()).toMatchObject([{ outcome: "not_due" }]);
  });
});

describe("a duty that one process runs", () => {
  it("is not run by another meanwhile, which says who is at it", async () => {
    const { open, opened } = gate();
    const duties = [hourly(async () => opened.then(() => "Done."))];
    const one = processOf({ duties, holder: "one" });
    const two = processOf({ ...one, duties, holder: "two" });
    const running = one.run();
    await one.hand.advance(0);
    expect(await two.run()).toEqual([{ name: "chime", outcome: "busy", detail: "one runs it." }]);
    await expect(two.run({ name: "chime" })).rejects.toMatchObject({ code: "conflict" });
    expect(await two.look()).toMatchObject({ state: "running", holder: "one" });
    // It shows signs of life for as long as it takes.
    await one.hand.advance(30 * minute);
    expect(await two.run()).toMatchObject([{ outcome: "busy" }]);
    open();
    expect(await running).toMatchObject([{ outcome: "ok" }]);
    expect(await two.run()).toEqual([{ name: "chime", outcome: "not_due" }]);
  });

  it("is run once when ten find it due at the same time", async () => {
    const store = memoryStore();
    const hand = handClock();
    let runs = 0;
    const duties = [hourly(async () => `${++runs}`)];
    const all = Array.from({ length: 10 }, (_, at) => processOf({ store, hand, duties, holder: `process ${at}` }));
    const rows = (await Promise.all(all.map(({ run: duty }) => duty()))).flat();
    expect(runs).toBe(1);
    expect(rows.filter(({ outcome }) => outcome === "ok")).toHaveLength(1);
    expect(rows.filter(({ outcome }) => outcome === "busy" || outcome === "not_due")).toHaveLength(9);
  });

  const steps = 6;
  const points = Array.from({ length: 2 * steps }, (_, at) => at);
  it.each([...points.map((at) => [at, 0] as const), ...points.map((at) => [at, 2 * leaseMs] as const)])(
    "and in which it is paused at point %i is taken over after its lease; when it wakes, by a clock set back %i ms, it does no harm",
    async (point, setBack) => {
      const store = memoryStore();
      const hand = handClock();
      const { open, opened } = gate();
      const one = processOf({
        store,
        hand,
        holder: "one",
        duties: [effectsOf(store, "one", steps, async (at) => (at === point ? opened : undefined))],
      });
      const two = processOf({ store, hand, holder: "two", duties: [effectsOf(store, "two", steps)] });
      const running = one.run({ name: "effects" }).catch((error: unknown) => error);
      await hand.advance(0);
      // Paused as by SIGSTOP: the clock goes on, and nothing of this process does.
      hand.set(hand.clock.now() + leaseMs - 1);
      expect(await two.run()).toMatchObject([{ outcome: "busy" }]);
      hand.set(hand.clock.now() + 1);
      expect(await two.run()).toMatchObject([{ outcome: "ok" }]);
      const after = await effectsOf.read(store);
      hand.set(hand.clock.now() - setBack);
      open();
      await hand.advance(0);
      expect(await running).toMatchObject({ code: "conflict" });
      expect(await effectsOf.read(store)).toEqual(after);
      expect(after.written).toEqual(Array.from({ length: steps }, () => "two"));
      // What goes to the outside is asked for before it is done.
      expect(after.requests.filter((by) => by === "one")).toHaveLength(Math.ceil(point / 2));
      expect(await two.look()).toMatchObject({ holder: "two", last_outcome: "ok" });
    },
  );

  it("and whose clock ran ahead holds nobody off for longer than a lease", async () => {
    const store = memoryStore();
    const hand = handClock();
    const { opened } = gate();
    const today = hand.clock.now();
    hand.set(today + 365 * 24 * 60 * minute);
    void processOf({ store, hand, holder: "ahead", duties: [hourly(async () => opened.then(() => ""))] }).run();
    await hand.advance(0);
    hand.set(today);
    expect(await processOf({ store, hand, holder: "two", duties: [hourly(async () => "Done.")] }).run()).toMatchObject([{ outcome: "ok" }]);
  });
});

describe("the loop over duties", () => {
  it("runs each when it is due; a slow one holds no other up, and it ends when it is asked to", async () => {
    const { open, opened } = gate();
    const ran: string[] = [];
    const duties = [hourly(async () => "", "slow"), hourly(async () => "", "quick")];
    const { deps, hand, run } = processOf({ duties });
    const stop = new AbortController();
    const attending = attend(deps, duties, stop.signal, {
      run: async (name) => {
        ran.push(name);
        await (name === "slow" ? opened : run({ name }));
      },
      warn: (error) => expect.fail(String(error)),
    });
    await hand.advance(3 * 60 * minute + minute);
    expect(ran).toEqual(["slow", "quick", "quick", "quick", "quick"]);
    stop.abort();
    open();
    await attending;
  });

  it("says once that the state cannot be read, and goes on when it can", async () => {
    const warned: unknown[] = [];
    const ran: string[] = [];
    let broken = true;
    const duty: Duty = { ...hourly(async () => ""), due: async () => (broken ? Promise.reject(new Error("locked")) : 0) };
    const { deps, hand } = processOf({ duties: [duty] });
    const stop = new AbortController();
    void attend(deps, [duty], stop.signal, { run: async (name) => void ran.push(name), warn: (error) => warned.push(error) });
    await hand.advance(minute);
    expect(warned).toHaveLength(1);
    broken = false;
    await hand.advance(6000);
    expect(ran.length).toBeGreaterThan(0);
    stop.abort();
  });
});
