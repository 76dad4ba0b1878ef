import { errorDocument, isCode, UscError } from "../../kernel/errors.ts";
import type { Change, Stored } from "../../kernel/store.ts";
import type { Engine, Manner } from "./deps.ts";
import { contentOf, contentPut, contentRemoved, findRotated } from "./find.ts";
import { type Held, heldBy, intent, standOf, takeOver, underWay, unfinished } from "./journal.ts";
import { type Content, type RotatedSecret, rotatedSecrets, type Work } from "./model.ts";
import type { Rotator, Subject } from "./port.ts";
import { prove } from "./prove.ts";
import { restAfter } from "./schedule.ts";
import { stage, unstage } from "./stage.ts";
import { subjectOf } from "./subject.ts";
import { switchOver } from "./switch-over.ts";

/** Replaces the value of an item; or brings to its end what was begun before, if that ends in a new value. */
export async function rotate(engine: Engine, manner: Manner, path: string): Promise<void> {
  if ((await settle(engine, manner, path)) === "rotated") return;
  const item = await findRotated(engine.store, path);
  await carryOut(engine, await begin(engine, manner, item, [engine.store.collection(rotatedSecrets).touch(path, item.revision)]));
}

/** The journal first. `along`: what is committed with it. */
export async function begin(
  engine: Engine,
  manner: Manner,
  { key, value }: Pick<Stored<RotatedSecret>, "key" | "value">,
  along: readonly Change[],
): Promise<Held> {
  const work: Work = { mark: engine.newMark(), retire: [] };
  const stand = { phase: "staging", work } as const;
  const began = engine.clock.now();
  await manner.commit([intent(engine, key, value.id, stand), ...along]).catch(async (error: unknown) => {
    throw isCode(error, "conflict") && (await unfinished(engine, key)) !== undefined ? underWay(key) : error;
  });
  return heldBy(engine, manner, { key, revision: 1, value: { id: value.id, began } }, stand);
}

export type Settled = "nothing" | "undone" | "rotated" | "deleted";

/** Brings what was left behind of an item to its end: forward where a new credential is written down, else back. */
export async function settle(engine: Engine, manner: Manner, path: string): Promise<Settled> {
  const found = await unfinished(engine, path);
  if (found === undefined) return "nothing";
  const held = await takeOver(engine, manner, found);
  const { phase } = standOf(found.value);
  if (phase === "deleting") {
    await removeAll(engine, held);
    return "deleted";
  }
  if (phase === "staging") {
    await undo(engine, held, (item) => (item.value.version === 0 ? gone(engine, item.value) : []));
    return "undone";
  }
  await carryOut(engine, held);
  return "rotated";
}

export async function carryOut(engine: Engine, held: Held): Promise<void> {
  try {
    if (held.stand.phase === "staging") await stage(engine, held, await placeOf(engine, held));
    if (held.stand.phase === "staged") {
      const { subject, rotator } = await placeOf(engine, held);
      await prove(engine, held, rotator, subject, held.stand.work.made?.secret ?? "");
      await switchOver(engine, held);
    }
    await retire(engine, held);
  } catch (error) {
    throw await failed(engine, held, error);
  }
  await held.close(await cleared(engine, held));
}

interface Place {
  item: RotatedSecret;
  content: Content;
  subject: Subject;
  rotator: Rotator;
}

async function placeOf({ store, rotator }: Engine, { path }: Held): Promise<Place> {
  const { value: item } = await findRotated(store, path);
  const { content } = await contentOf(store, item);
  return { item, content, subject: await subjectOf(store, item, content), rotator: await rotator() };
}

async function retire(engine: Engine, held: Held): Promise<void> {
  if (held.stand.work.retire.length === 0) return;
  const { subject, rotator } = await placeOf(engine, held);
  for (const keyId of held.stand.work.retire) {
    await held.hold("Removing the old credential");
    await rotator.retire(subject, keyId);
  }
}

/** A removal that had failed has succeeded. */
async function cleared({ store }: Engine, { path }: Held): Promise<Change[]> {
  const { value, revision } = await findRotated(store, path);
  const { "last-error": error, rest, ...item } = value;
  const isOld = error !== undefined || rest !== undefined || item.failures > 0;
  return isOld ? [store.collection(rotatedSecrets).put(path, { ...item, status: "ok", failures: 0 }, revision)] : [];
}

/** What a failure leaves behind: the old value, and nothing of ours at Azure; where that could not be seen to, the journal. */
async function failed(engine: Engine, held: Held, error: unknown): Promise<unknown> {
  if ((await held.isLost()) || isCode(error, "interrupted")) {
    if (isCode(error, "interrupted")) await held.release().catch(() => {});
    return error;
  }
  const { path } = held;
  const note = (item: Stored<RotatedSecret>): Promise<Change[]> => noted(engine, item, error);
  if (held.stand.phase === "retiring") {
    await held.release(await note(await findRotated(engine.store, path)));
    return told(error, `${path} was rotated, but its old credential could not be removed yet.`);
  }
  try {
    await undo(engine, held, (item) => (item.value.version === 0 ? gone(engine, item.value) : note(item)));
  } catch (second) {
    if (!(await held.isLost())) await held.release(await note(await findRotated(engine.store, path))).catch(() => {});
    if (isCode(second, "interrupted")) return second;
  }
  return error;
}

/** Takes back what was made, and ends the rotation. `along`: what else is then so. */
async function undo(engine: Engine, held: Held, along: (item: Stored<RotatedSecret>) => Change[] | Promise<Change[]>): Promise<void> {
  await unstage(held, await placeOf(engine, held));
  const item = await findRotated(engine.store, held.path);
  const { content, revision } = await contentOf(engine.store, item.value);
  const strays = [held.stand.work.mark, ...content.strays].slice(0, mostStrays);
  await held.close([contentPut(engine.store, item.value, { ...content, strays }, revision), ...(await along(item))]);
}

const mostStrays = 20;

/** Of an item whose first value was never made. */
const gone = ({ store }: Engine, item: RotatedSecret): Change[] => [
  store.collection(rotatedSecrets).remove(item.name),
  contentRemoved(store, item),
];

async function noted({ store, clock, outbox }: Engine, { key, value, revision }: Stored<RotatedSecret>, error: unknown): Promise<Change[]> {
  const { error: sentence, code, retry_after: after = 0 } = errorDocument(error);
  const failures = value.failures + 1;
  const rest = clock.now() + restAfter(failures, after * 1000);
  const events = await outbox([
    {
      type: "rotated-secret-failure",
      source: { kind: "item", name: key },
      payload: { event_message: `${key} could not be rotated: ${sentence}`, version: String(value.version), code },
    },
  ]);
  const changed: RotatedSecret = { ...value, status: "failed", "last-error": sentence, failures, rest };
  return [store.collection(rotatedSecrets).put(key, changed, revision), ...events];
}

function told(error: unknown, before: string): unknown {
  return error instanceof UscError ? new UscError(error.code, `${before} ${error.message}`, error.details) : error;
}

/** Removes at Azure what we made for an item, and forgets the item. */
export async function removeAll(engine: Engine, held: Held): Promise<void> {
  await retire(engine, held);
  const { value, revision } = await findRotated(engine.store, held.path);
  await held.close([engine.store.collection(rotatedSecrets).remove(held.path, revision), contentRemoved(engine.store, value)]);
}
