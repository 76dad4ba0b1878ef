import { rfc3339 } from "../../kernel/clock.ts";
import type { Duty, Turn } from "../../kernel/duty.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { inParallel } from "../../kernel/parallel.ts";
import type { Stored } from "../../kernel/store.ts";
import type { Engine, Manner } from "./deps.ts";
import { type RotatedSecret, rotatedSecrets, type Rotation, rotations } from "./model.ts";
import { attend as attendSync, claim, pushes } from "./push.ts";
import { rotate, settle } from "./rotate.ts";
import { nextRotation, notices } from "./schedule.ts";

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
    async due() {
      const [items, left] = await all();
      let first: number | undefined;
      for (const { key, value } of items) {
        const times = [workAt(value, left.get(key)), ...notices(value).map(({ at }) => at)].filter((at) => at !== undefined);
        first = Math.min(first ?? Infinity, ...times);
      }
      for (const { at } of await pushes(engine)) first = Math.min(first ?? Infinity, at);
      return first === Infinity ? undefined : first;
    },
    async run(turn) {
      const [items, left] = await all();
      for (const item of items) await tell(engine, turn, item);
      const due = items.filter(({ key, value }) => (workAt(value, left.get(key)) ?? Infinity) <= turn.began);
      const count = { rotated: 0, settled: 0, failed: 0 };
      for await (const ended of inParallel(due, most, (item) => attend(engine, turn, item))) {
        if (ended !== "busy") count[ended] += 1;
      }
      const synced = await syncDue(engine, turn);
      return `${count.rotated} rotated, ${count.settled} brought to an end, ${count.failed} failed.${synced}`;
    },
  };
}

/** When something is to be done for an item: not before the end of its rest. */
function workAt(item: RotatedSecret, left: Rotation | undefined): number | undefined {
  const at = left?.until ?? nextRotation(item);
  return at === undefined ? undefined : Math.max(at, item.rest ?? 0);
}

/** A failure is the item's own: it is written down there, and holds no other up. */
async function attend(
  engine: Engine,
  turn: Turn,
  { key, value }: Stored<RotatedSecret>,
): Promise<"rotated" | "settled" | "failed" | "busy"> {
  const manner = asTurn(engine, turn);
  const isDue = (nextRotation(value) ?? Infinity) <= turn.began;
  try {
    if (isDue) await rotate(engine, manner, key);
    else await settle(engine, manner, key);
    return isDue ? "rotated" : "settled";
  } catch (error) {
    turn.signal.throwIfAborted();
    if (!(error instanceof UscError) || error.code === "internal") throw error;
    const now = await engine.store.collection(rotatedSecrets).get(key);
    // Else somebody rotates it by hand, or has deleted it meanwhile.
    return now !== undefined && now.value.failures > value.failures ? "failed" : "busy";
  }
}

/** Writes to vaults what is not there yet. */
async function syncDue(engine: Engine, turn: Turn): Promise<string> {
  const manner = asTurn(engine, turn);
  const due = (await pushes(engine)).filter(({ at }) => at <= turn.began);
  const count = { synced: 0, failed: 0 };
  for await (const outcome of inParallel(due, most, async ({ key }) => {
    const claimed = await claim(engine, key);
    const error = claimed && (await attendSync(engine, (doing) => manner.at(doing, "", ""), claimed));
    return claimed === undefined ? undefined : error === undefined ? "synced" : "failed";
  })) {
    if (outcome !== undefined) count[outcome] += 1;
  }
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
