import { rfc3339 } from "../../kernel/clock.ts";
import type { Duty, Turn } from "../../kernel/duty.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { inParallel } from "../../kernel/parallel.ts";
import type { Stored } from "../../kernel/store.ts";
import type { Engine, Manner } from "./deps.ts";
import { type RotatedSecret, rotatedSecrets, type Rotation, rotations } from "./model.ts";
import { endOf } from "./journal.ts";
import { attend as attendSync, claim, pushes } from "./push.ts";
import { settle } from "./rotate.ts";
import { nextRotation, nextStep, notices, restOf, type Step } from "./schedule.ts";
import { takeStep } from "./take-step.ts";

/** At once. Azure throttles by the application, and a new credential is waited for anyway. */
const most = 4;

/** Rotates what is due, tells of what will be, and brings to an end what a killed process has left. */
export function rotation(engine: Engine): Duty {
  const { store } = engine;
  const all = async (): Promise<[Stored<RotatedSecret>[], Map<string, Rotation>]> => {
    const left = await store.collection(rotations).list();
    return [await store.collection(rotatedSecrets).list(), new Map(left.map(({ key, value }) => [key, value]))];
  };
  return {
    name: "rotation",
    summary: "Rotates what is due, and brings to its end what was begun and killed",
    async due(now) {
      const [items, left] = await all();
      let first: number | undefined;
      for (const { key, value } of items) {
        const times = [workAt(value, left.get(key), now), ...notices(value).map(({ at }) => at)].filter((at) => at !== undefined);
        first = Math.min(first ?? Infinity, ...times);
      }
      for (const { at } of await pushes(engine)) first = Math.min(first ?? Infinity, at);
      return first === Infinity ? undefined : first;
    },
    async run(turn) {
      const [items, left] = await all();
      for (const item of items) await tell(engine, turn, item);
      const due = items.filter(({ key, value }) => (workAt(value, left.get(key), turn.began) ?? Infinity) <= turn.began);
      const count = { rotate: 0, make: 0, retire: 0, settle: 0, fail: 0 };
      for (const did of await each(turn, due, (item) => attend(engine, turn, item))) {
        for (const one of did) count[one] += 1;
      }
      const synced = await syncDue(engine, turn);
      const ofGrace = `${some(count.make, "made ahead")}${some(count.retire, "removed after their time of grace")}`;
      return `${count.rotate} rotated, ${ofGrace}${count.settle} brought to an end, ${count.fail} failed.${synced}`;
    },
  };
}

/** When one ends the turn no other is begun, and those that run come to their next step first: nobody is at work who does not hold the turn. */
async function each<Item, Outcome>({ signal }: Turn, items: readonly Item[], act: (item: Item) => Promise<Outcome>): Promise<Outcome[]> {
  const ends: unknown[] = [];
  const tried = async (item: Item): Promise<Outcome[]> => {
    if (ends.length > 0) return [];
    try {
      signal.throwIfAborted();
      return [await act(item)];
    } catch (error) {
      ends.push(error);
      return [];
    }
  };
  const all: Outcome[] = [];
  for await (const did of inParallel(items, most, tried)) all.push(...did);
  for (const end of ends) throw end;
  return all;
}

const some = (count: number, what: string): string => (count === 0 ? "" : `${count} ${what}, `);

/** When something is to be done for an item: not before the end of its rest. */
function workAt(item: RotatedSecret, left: Rotation | undefined, now: number): number | undefined {
  const at = left === undefined ? nextStep(item)?.at : endOf(left, now);
  return at === undefined ? undefined : Math.max(at, restOf(item, now));
}

type Did = Step["does"] | "settle" | "fail";

/** What was done of what is due, in turn: a failure is the item's own, it is written down there, and holds no other up. */
async function attend(engine: Engine, turn: Turn, { key, value }: Stored<RotatedSecret>): Promise<Did[]> {
  const manner = asTurn(engine, turn);
  const did: Did[] = [];
  try {
    const settled = await settle(engine, manner, key);
    if (settled !== "nothing") did.push("settle");
    if (settled === "deleted") return did;
    // After a long time one is made ahead, becomes current, and the next one is made; no more in one turn.
    for (let does = await takeStep(engine, manner, key); does !== undefined; does = await takeStep(engine, manner, key)) {
      did.push(does);
      if (did.length === 3) break;
    }
    return did;
  } catch (error) {
    turn.signal.throwIfAborted();
    if (!(error instanceof UscError) || error.code === "internal") throw error;
    const now = await engine.store.collection(rotatedSecrets).get(key);
    // Else somebody rotates it by hand, or has deleted it meanwhile.
    return now !== undefined && now.value.failures > value.failures ? [...did, "fail"] : did;
  }
}

/** Writes to vaults what is not there yet. */
async function syncDue(engine: Engine, turn: Turn): Promise<string> {
  const manner = asTurn(engine, turn);
  const due = (await pushes(engine)).filter(({ at }) => at <= turn.began);
  const count = { synced: 0, failed: 0 };
  const outcomes = await each(turn, due, async ({ key }) => {
    const claimed = await claim(engine, key);
    const error = claimed && (await attendSync(engine, (doing) => manner.at(doing, "", ""), claimed));
    return claimed === undefined ? undefined : error === undefined ? "synced" : "failed";
  });
  for (const outcome of outcomes) if (outcome !== undefined) count[outcome] += 1;
  return due.length === 0 ? "" : ` ${count.synced} synced, ${count.failed} not.`;
}

function asTurn({ clock }: Engine, turn: Turn): Manner {
  return {
    async at(_, done) {
      if (turn.signal.aborted) throw new UscError("interrupted", `Stopped. ${done}`);
      await turn.hold();
    },
    pause: (ms) =>
      clock.sleep(ms, turn.signal).catch((error: unknown) => {
        if (!turn.signal.aborted) throw error;
      }),
    commit: (changes) => turn.commit(changes),
  };
}

/** Of several that are due at once the nearest is told. */
async function tell({ store, outbox }: Engine, turn: Turn, { key, value, revision }: Stored<RotatedSecret>): Promise<void> {
  const next = nextRotation(value);
  const due = notices(value).filter(({ at }) => at <= turn.began);
  if (next === undefined || due.length === 0) return;
  const date = rfc3339(next);
  const events = await outbox([
    {
      type: "next-automatic-rotation",
      source: { kind: "item", name: key },
      payload: { event_message: `${key} is rotated next at ${date}.`, version: String(value.version), date },
    },
  ]);
  const told = [...value.told, ...due.map(({ days }) => days)];
  await turn.commit([store.collection(rotatedSecrets).put(key, { ...value, told }, revision), ...events]).catch((error: unknown) => {
    turn.signal.throwIfAborted();
    // Somebody has changed it: it is told at the next look.
    if (!isCode(error, "conflict") && !isCode(error, "not_found")) throw error;
  });
}
