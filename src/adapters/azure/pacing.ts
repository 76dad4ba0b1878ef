import type { Clock } from "../../kernel/clock.ts";

const windowMs = 10_000;
/** Azure takes 4,000 requests of a vault in that time, whoever sends them, and refuses the rest. A tenth is left to others and to chance. */
const most = 3_600;

/** Waits until one more request to a vault is within its limit, in the order of asking. */
export type Pace = (vaultUrl: string) => Promise<void>;

export function pacing(clock: Clock): Pace {
  const sent = new Map<string, number[]>();
  return async (vaultUrl) => {
    const turns = sent.get(vaultUrl) ?? [];
    sent.set(vaultUrl, turns);
    const now = clock.now();
    const turn = Math.max(now, (turns.at(-most) ?? -Infinity) + windowMs);
    turns.push(turn);
    if (turns.length >= 2 * most) turns.splice(0, most);
    if (turn > now) await clock.sleep(turn - now);
  };
}
