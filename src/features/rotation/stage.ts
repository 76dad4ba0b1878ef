import { isCode, UscError } from "../../kernel/errors.ts";
import type { Store } from "../../kernel/store.ts";
import { findTarget } from "../targets/find.ts";
import { requireClock } from "./clock-check.ts";
import type { Engine } from "./deps.ts";
import type { Held } from "./journal.ts";
import type { Content, RotatedSecret } from "./model.ts";
import type { Beside, Credential, Standing, Subject } from "./port.ts";
import { spareKeys } from "./spare.ts";

interface At {
  item: RotatedSecret;
  content: Content;
  subject: Subject;
  rotator: Beside;
}

/** Makes the new credential beside the old one, and writes it down. */
export async function stage(engine: Engine, held: Held, { item, content, subject, rotator }: At): Promise<void> {
  const { mark } = held.stand.work;
  await held.hold("Looking at the credentials of the application");
  const standing = await rotator.look(subject);
  requireClock(engine.clock.now(), standing);
  const swept = await sweep(held, { content, subject, rotator }, standing.credentials);
  const { ahead } = held.stand.work;
  // Of the date it is known only then.
  const retire = ahead === true ? [] : await outdated(engine, item, content, swept);
  const ready = ahead === true ? undefined : readyOf(item, content, swept);
  if (ready !== undefined)
    return held.advance({ phase: "staged", work: { mark, retire: retire.filter((keyId) => keyId !== ready.keyId), made: ready } });
  requireRoom(subject, { ...standing, credentials: swept });
  await held.hold("Making a new credential");
  const made = await rotator.stage(subject, mark);
  try {
    await held.advance({ phase: "staged", work: { ...held.stand.work, retire, made } });
  } catch (error) {
    // Another process has given this rotation up, and nobody but us knows of the credential.
    if (await held.isLost()) await rotator.retire(subject, made.keyId).catch(() => {});
    throw error;
  }
}

/** What was made ahead, if it stands there still and is meant to be used. */
const readyOf = ({ grace }: RotatedSecret, { next }: Content, found: readonly Credential[]): Content["next"] =>
  grace?.timing === "before" && found.some(({ keyId }) => keyId === next?.keyId) ? next : undefined;

/** Removes what came to light of rotations that were given up. Gives the others. */
async function sweep(held: Held, { content, subject, rotator }: Omit<At, "item">, found: readonly Credential[]): Promise<Credential[]> {
  const isStray = ({ mark }: Credential): boolean => mark !== undefined && content.strays.includes(mark);
  for (const { keyId } of found.filter(isStray)) {
    await held.hold("Removing what an earlier rotation left");
    await rotator.retire(subject, keyId);
  }
  return found.filter((each) => !isStray(each));
}

export function requireRoom({ holder }: Subject, { credentials, most = Infinity }: Standing): void {
  if (credentials.length < most) return;
  throw new UscError("conflict", `The application ${holder} has ${credentials.length} client secrets, and no room for one more.`, {
    hint: "Remove one that nobody uses (az ad app credential list --id APP-ID), or take personal accounts from its audience.",
  });
}

/** Key ids of the credentials that the new one replaces: our own, and the one that the target logs in with. */
async function outdated({ store, warn }: Engine, item: RotatedSecret, content: Content, found: readonly Credential[]): Promise<string[]> {
  const { versions } = content;
  const stands = (keyId: string | undefined): keyId is string => found.some((each) => each.keyId === keyId);
  const made = versions
    .filter((each) => each.ours)
    .map((each) => each["key-id"])
    .filter(stands);
  const ours = [...new Set([...spareKeys(content), ...made])];
  const [current] = versions;
  if (item["rotator-type"] === "api-key") {
    const kept = current?.ours === false && stands(current["key-id"]) ? current["key-id"] : undefined;
    if (kept !== undefined)
      warn(`The client secret ${kept} was not made by usc, so it stays at Azure: remove it when nobody uses it any more.`);
    return ours;
  }
  const replaced = await ofTarget(store, item, found, ours);
  if (typeof replaced === "string") return [...new Set([...ours, replaced])];
  // One of ours may be the one in use: it is known by its key id, whatever its hint.
  if (replaced.length > 0)
    warn(`${replaced.length} client secrets fit the one that the target had, so none of them is removed: ${replaced.join(", ")}.`);
  return ours;
}

/** The credential that the target logs in with, by its hint; or all that fit. None where it is one of ours. */
async function ofTarget(
  store: Store,
  item: RotatedSecret,
  found: readonly Credential[],
  ours: readonly string[],
): Promise<string | string[]> {
  const { value: target } = await findTarget(store, item["target-name"]);
  const secret = target["client-secret"] ?? "";
  const fits = found.filter(
    ({ hint, keyId }) => hint !== undefined && hint.length >= 3 && secret.startsWith(hint) && !ours.includes(keyId),
  );
  const [only] = fits;
  return fits.length === 1 && only !== undefined ? only.keyId : fits.map(({ keyId }) => keyId);
}

/** Takes back what was made, as far as it can be seen; the journal still stands. What shows only later is a stray. */
export async function unstage(held: Held, { subject, rotator }: Pick<At, "subject" | "rotator">): Promise<void> {
  const { mark, made } = held.stand.work;
  await held.hold("Looking for what was made");
  const keyIds = made?.keyId === undefined ? (await marked(rotator, subject, mark)).map(({ keyId }) => keyId) : [made.keyId];
  for (const keyId of keyIds) {
    await held.hold("Removing what was made");
    await rotator.retire(subject, keyId);
  }
}

/** What was made under a mark, as far as it shows. An application that is gone has no credentials. */
export async function marked(rotator: Beside, subject: Subject, mark: string): Promise<Credential[]> {
  try {
    return (await rotator.look(subject)).credentials.filter((each) => each.mark === mark);
  } catch (error) {
    if (isCode(error, "not_found") || isCode(error, "usage")) return [];
    throw error;
  }
}
