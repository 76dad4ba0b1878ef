import { rfc3339 } from "../../kernel/clock.ts";
import { present } from "../../kernel/present.ts";
import type { Stored } from "../../kernel/store.ts";
import { begin } from "./begin.ts";
import type { Deps } from "./deps.ts";
import { contentOf, contentPut, findRotated } from "./find.ts";
import { type Gift, withGift } from "./gift.ts";
import { type Held, takeOver, unfinished } from "./journal.ts";
import { asCommand, engineOf } from "./manner.ts";
import { type RotatedSecret, rotatedSecrets } from "./model.ts";
import { carryOut, settle } from "./rotate.ts";
import { rotatedAt } from "./schedule.ts";
import { marked } from "./stage.ts";
import { subjectOf } from "./subject.ts";
import { succeeded } from "./switch-over.ts";
import { tryOut } from "./try-out.ts";

/** An item that can be given a credential: what has no value yet, or is being deleted, comes to its end first. */
export async function settled(deps: Deps, stored: Stored<RotatedSecret>): Promise<Stored<RotatedSecret>> {
  const left = await unfinished(deps, stored.key);
  if (left === undefined || (stored.value.version > 0 && left.value.phase !== "deleting")) return stored;
  await settle(engineOf(deps), asCommand(deps), stored.key);
  return findRotated(deps.store, stored.key);
}

/**
 * Makes a credential current that somebody else has made; what we made before it goes. A rotation that was left behind ends in this, and not by
 * itself: it may have been left because what the item had before logs in no more. `item`: the record as it is to be from then on. False where nothing
 * is to be written, since this credential is the current one.
 */
export async function give(deps: Deps, item: Stored<RotatedSecret>, gift: Gift, manner: "tried" | "untried"): Promise<boolean> {
  const [engine, command] = [engineOf(deps), asCommand(deps)];
  const left = await unfinished(engine, item.key);
  const held = left && (await takeOver(engine, command, left));
  const begun = await accept(deps, item, gift, manner, held).catch(async (error: unknown) => {
    await held?.release().catch(() => {});
    throw error;
  });
  if (begun === undefined) return false;
  await carryOut(engine, begun);
  return true;
}

/** From one moment to the next: the given one is current, and what is ours is to go. */
async function accept(
  deps: Deps,
  { key, value, revision }: Stored<RotatedSecret>,
  gift: Gift,
  manner: "tried" | "untried",
  held: Held | undefined,
): Promise<Held | undefined> {
  const { store, clock, outbox } = deps;
  const [engine, command] = [engineOf(deps), asCommand(deps)];
  const { content, revision: of } = await contentOf(store, value);
  const last = value["rotated-at"];
  const now = rfc3339(rotatedAt(clock.now(), clock.now(), last === undefined ? undefined : Date.parse(last)));
  const next = withGift(value, content, gift, held?.stand, now);
  const found = held?.stand.phase === "staging" ? await madeUnder(deps, next, held) : [];
  const retire = [...new Set([...next.retire, ...found])];
  await held?.hold("Trying the credential that is given");
  const untried = manner === "tried" ? await tryOut(deps, next.item, next.content, retire) : undefined;
  if (held === undefined && !next.isNew) return undefined;
  const item: RotatedSecret = { ...next.item, status: untried === undefined ? "ok" : "unverified" };
  const changes = [
    store.collection(rotatedSecrets).put(key, item, revision),
    contentPut(store, item, next.content, of),
    ...(next.isNew ? await outbox([succeeded(item, "was given another value")]) : []),
  ];
  const { "key-id": keyId, secret } = gift.credential;
  const made = { secret, ...present({ keyId }) };
  if (held === undefined) return begin(engine, command, { key, value: item }, changes, { phase: "retiring", work: { retire, made } });
  await held.advance({ phase: "retiring", work: { mark: held.stand.work.mark, retire, made } }, changes);
  return held;
}

/** What a rotation has made of which nobody heard the answer. */
async function madeUnder({ store, rotators }: Deps, { item, content }: ReturnType<typeof withGift>, held: Held): Promise<string[]> {
  const rotator = await rotators[item["rotator-type"]]();
  if (rotator.is !== "beside") return [];
  await held.hold("Looking for what was made");
  return (await marked(rotator, await subjectOf(store, item, content), held.stand.work.mark)).map(({ keyId }) => keyId);
}
