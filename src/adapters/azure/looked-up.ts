import type { ObjectProperties, Vault } from "../../features/objects/port.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { waitMs } from "./persist.ts";
import { listVersions, type Wire } from "./read.ts";
import { patienceOf, type Session } from "./session.ts";

/** How far the vault's clock may be behind ours. */
export const skewMs = 300_000;

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
export async function findVersion<Item extends ObjectProperties>(
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

export function sameTags(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
