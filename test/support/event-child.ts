import { openStore } from "../../src/adapters/state/index.ts";
import { webhooks } from "../../src/adapters/webhook/index.ts";
import { stateOf } from "../../src/features/duties/standing.ts";
import { takeTurn } from "../../src/features/duties/turn.ts";
import { eventDelivery } from "../../src/features/events/deliver.ts";
import { errorDocument } from "../../src/kernel/errors.ts";
import { pointed, say } from "./points.ts";

/**
 * A process of its own that delivers events, three hours from now, whoever holds the lease: `node event-child.ts HOME [POINT]`. Point 2n is before
 * its commit n, and 2n + 1 after it: there it says so, and waits for a line. Otherwise it says how it ended, and how many points there were.
 */
const [home = "", point] = process.argv.slice(2);

const { store, points } = pointed(openStore({ home }), point);
const clock = {
  now: () => Date.now() + 3 * 3_600_000,
  sleep: (_: number, signal?: AbortSignal) => new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve())),
};
const desk = { store, clock, holder: `pid ${process.pid}`, random: Math.random, leaseMs: 60_000 };
const duty = eventDelivery({ store, clock, webhook: async () => webhooks() });
try {
  const detail = await takeTurn(desk, duty, await stateOf(desk, duty.name), new AbortController().signal);
  say({ detail, points: points() });
} catch (error) {
  say({ ...errorDocument(error), points: points() });
}
process.exit(0);
