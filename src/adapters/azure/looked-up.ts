import type { ObjectProperties, SecretChanges, Vault } from "../../features/objects/port.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { waitMs } from "./persist.ts";
import { getObject, listVersions, type Wire } from "./read.ts";
import { patienceOf, type Session } from "./session.ts";

/** How far the vault's clock may be behind ours. */
const skewMs = 300_000;

/**
 * Writes, and when the answer is lost looks what became of it. What took effect counts as done; what did not is written once more, unless the
 * caller wants no retries; where looking does not tell, the effect is told as unknown.
 */
export async function lookedUp<T>(
  session: Session,
  vault: Vault,
  act: () => Promise<T>,
  look: () => Promise<T | "unclear" | undefined>,
): Promise<T> {
  const patience = patienceOf(session, vault);
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await act();
    } catch (error) {
      // A second deletion that finds nothing tells that the first one has arrived meanwhile.
      if (!isCode(error, "unavailable", "lost") && !(repeats > 0 && isCode(error, "not_found"))) throw error;
      // The server may still be at it.
      const pause = waitMs(0);
      if (session.clock.now() + pause >= patience.deadline) throw error;
      await session.clock.sleep(pause);
      const found = await look().catch((failed: unknown) => {
        if (!(failed instanceof UscError)) throw failed;
        return "unclear" as const;
      });
      if (found === "unclear") throw error;
      if (found !== undefined) return found;
      if (repeats === Math.min(1, patience.maxRetries ?? 1)) throw error;
    }
  }
}

export const orAbsent = (error: unknown): undefined => {
  if (!isCode(error, "not_found")) throw error;
};

/** The version named (default: the newest). Of the list, and not got: a disabled one shows its attributes there alone. */
async function findVersion<Item extends ObjectProperties>(
  session: Session,
  vault: Vault,
  wire: Wire<Item>,
  name: string,
  version: string | undefined,
): Promise<Item | undefined> {
  let latest: Item | undefined;
  for await (const { items } of listVersions(session, vault, wire, name)) {
    for (const item of items) {
      if (item.version === version) return item;
      if (latest === undefined || (item.created ?? 0) > (latest.created ?? 0)) latest = item;
    }
  }
  return version === undefined ? latest : undefined;
}

/** Writes a version; when the answer is lost, the newest one of about that time is asked: `known` gives its face if it is the one. */
export function newVersion<Item extends ObjectProperties, Whole extends Item>(
  session: Session,
  vault: Vault,
  wire: Wire<Item, Whole>,
  name: string,
  write: () => Promise<Item>,
  known: (latest: Whole) => Item | undefined,
): Promise<Item> {
  const begun = wholeSecond(session.clock.now());
  return lookedUp(session, vault, write, async () => {
    const latest = await getObject(session, vault, wire, name).catch(orAbsent);
    if (latest?.created === undefined) return undefined;
    // The same of a moment before the write is as good as ours.
    const found = latest.created >= begun - skewMs ? known(latest) : undefined;
    // Somebody has written since: ours may lie below theirs, and must not be put on top of it.
    return found ?? (latest.created > begun ? "unclear" : undefined);
  });
}

/** Changes a version in place; when the answer is lost, its attributes tell. */
export function changedVersion<Item extends ObjectProperties>(
  session: Session,
  vault: Vault,
  wire: Wire<Item>,
  name: string,
  version: string | undefined,
  changes: SecretChanges,
  write: () => Promise<Item>,
): Promise<Item> {
  return lookedUp(session, vault, write, async () => {
    const found = await findVersion(session, vault, wire, name, version);
    return found !== undefined && agrees(found, changes) ? found : undefined;
  });
}

/** Whether all that was wished for is so. Key Vault keeps times to the second. */
export function agrees(found: ObjectProperties & { contentType?: string }, wish: SecretChanges): boolean {
  const { contentType, enabled, expires, notBefore, tags } = wish;
  return (
    (contentType === undefined || contentType === found.contentType) &&
    (enabled === undefined || enabled === found.enabled) &&
    (expires === undefined || wholeSecond(expires) === found.expires) &&
    (notBefore === undefined || wholeSecond(notBefore) === found.notBefore) &&
    (tags === undefined || sameTags(tags, found.tags))
  );
}

const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;

function sameTags(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
