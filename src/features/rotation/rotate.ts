import type { Change, Stored } from "../../kernel/store.ts";
import { endedWith } from "./associations.ts";
import { begin } from "./begin.ts";
import { requireClock } from "./clock-check.ts";
import type { Engine, Manner } from "./deps.ts";
import { failed, gone, undo } from "./failure.ts";
import { contentRemoved, findRotated } from "./find.ts";
import { type Held, onceMore, takeOver, unfinished } from "./journal.ts";
import { beginMending } from "./mend.ts";
import { type RotatedSecret, rotatedSecrets } from "./model.ts";
import { placeOf } from "./place.ts";
import { prove } from "./prove.ts";
import { pushAll } from "./push.ts";
import { regain, replace } from "./replace.ts";
import { forgetSpare, isHalf, keepAhead, well } from "./spare.ts";
import { stage } from "./stage.ts";
import { switchOver } from "./switch-over.ts";

/** Replaces the value of an item; or brings to its end what was begun before, if that ends in a new value. */
export async function rotate(engine: Engine, manner: Manner, path: string): Promise<void> {
  if ((await settle(engine, manner, path)) === "rotated") return;
  const item = await findRotated(engine.store, path);
  await carryOut(engine, await begin(engine, manner, item, [engine.store.collection(rotatedSecrets).touch(path, item.revision)]));
}

/** `half`: what was made ahead is kept, or what was spare is removed; nothing else is current. */
export type Settled = "nothing" | "undone" | "half" | "rotated" | "deleted";

/** Brings what was left behind of an item to its end: forward where a new credential is known, or may be in the place of the old; else back. */
export async function settle(engine: Engine, manner: Manner, path: string): Promise<Settled> {
  const found = await unfinished(engine, path);
  return found === undefined ? "nothing" : finish(engine, await takeOver(engine, manner, found));
}

async function finish(engine: Engine, held: Held): Promise<Settled> {
  const { stand } = held;
  if (stand.phase === "deleting") {
    await removeAll(engine, held);
    return "deleted";
  }
  if (stand.phase === "staging") {
    await undo(engine, held, neverMade(engine));
    return "undone";
  }
  const ended = await carryOut(engine, held);
  return isHalf(stand) ? "half" : ended;
}

export async function carryOut(engine: Engine, held: Held): Promise<"rotated" | "undone"> {
  try {
    const { phase } = held.stand;
    if (phase === "staging") await make(engine, held);
    // What is left over of another day, or begins with a removal.
    else if (phase === "staged" || isHalf(held.stand)) await checkClock(engine, held);
    else if (phase === "replacing" && !(await goesOn(engine, held))) {
      await undo(engine, held, neverMade(engine));
      return "undone";
    }
    if (held.stand.phase === "staged" || held.stand.phase === "replacing") {
      const untried = await prove(engine, held, await placeOf(engine, held));
      if (held.stand.work.ahead === true) {
        await keepAhead(engine, held);
        return "rotated";
      }
      await switchOver(engine, held, untried);
    }
    await pushAll(engine, held);
    await retire(engine, held);
  } catch (error) {
    const told = await failed(engine, held, error);
    if (held.stand.phase === "replacing" && (await held.isLost())) await mend(engine, held).catch(() => {});
    throw told;
  }
  await onceMore(held, async () => held.close(isHalf(held.stand) ? await forgetSpare(engine, held) : await cleared(engine, held)));
  return "rotated";
}

async function make(engine: Engine, held: Held): Promise<void> {
  const { rotator, ...place } = await placeOf(engine, held);
  await (rotator.is === "beside" ? stage(engine, held, { ...place, rotator }) : replace(engine, held, { ...place, rotator }));
}

async function goesOn(engine: Engine, held: Held): Promise<boolean> {
  const { rotator, ...place } = await placeOf(engine, held);
  return rotator.is !== "beside" && regain(held, { ...place, rotator });
}

async function mend(engine: Engine, held: Held): Promise<void> {
  const mending = await beginMending(engine, held);
  if (mending !== undefined) await finish(engine, mending);
}

const neverMade =
  (engine: Engine) =>
  ({ value }: Stored<RotatedSecret>): Change[] =>
    value.version === 0 ? gone(engine, value) : [];

async function checkClock(engine: Engine, held: Held): Promise<void> {
  const { subject, rotator } = await placeOf(engine, held);
  if (rotator.is !== "beside") return;
  await held.hold("Looking at the credentials of the application");
  requireClock(engine.clock.now(), await rotator.look(subject));
}

async function retire(engine: Engine, held: Held): Promise<void> {
  if (held.stand.work.retire.length === 0) return;
  const { subject, rotator } = await placeOf(engine, held);
  if (rotator.is !== "beside") return;
  for (const keyId of held.stand.work.retire) {
    await held.hold("Removing the old credential");
    await rotator.retire(subject, keyId);
  }
}

/** A removal that had failed has succeeded. */
async function cleared({ store }: Engine, { path }: Held): Promise<Change[]> {
  const { value, revision } = await findRotated(store, path);
  return value.status !== "failed" ? [] : [store.collection(rotatedSecrets).put(path, well(value), revision)];
}

/** Removes at Azure what we made for an item, and forgets the item. */
export async function removeAll(engine: Engine, held: Held): Promise<void> {
  await retire(engine, held);
  const { value, revision } = await findRotated(engine.store, held.path);
  await held.close([
    engine.store.collection(rotatedSecrets).remove(held.path, revision),
    contentRemoved(engine.store, value),
    ...(await endedWith(engine.store, value)),
  ]);
}
