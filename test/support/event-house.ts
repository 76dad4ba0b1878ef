import { webhooks } from "../../src/adapters/webhook/index.ts";
import { operations as dutyRoom } from "../../src/features/duties/index.ts";
import { duties, operations as eventRoom } from "../../src/features/events/index.ts";
import { outbox } from "../../src/features/events/outbox.ts";
import type { Happening } from "../../src/features/events/port.ts";
import { invoke, operationNamed } from "../../src/kernel/operation.ts";
import type { Change, Store } from "../../src/kernel/store.ts";
import { handClock } from "./hand-clock.ts";
import { memoryWitness } from "./memory-audit.ts";
import { memoryStore } from "./memory-store.ts";
import { quietSteps } from "./quiet-steps.ts";

/** The room of events over the real way to receivers, and what falls due in it. */
export function eventHouse({ store = memoryStore() }: { store?: Store } = {}) {
  const hand = handClock();
  const { clock } = hand;
  const { witness, rows } = memoryWitness(clock);
  const stop = new AbortController();
  const deps = { store, clock, webhook: async () => webhooks() };
  const steps = quietSteps({ stopping: () => stop.signal });
  const desk = { store, clock, holder: "one", random: () => 0.5, leaseMs: 60_000, steps, duties: async () => duties(deps) };
  const operations = [...eventRoom(deps), ...dutyRoom(desk)];
  const call = async (name: string, input: Record<string, unknown> = {}): Promise<Record<string, unknown>> =>
    invoke(operationNamed(name, operations), input, witness);
  const raise = outbox({ store, clock });

  return {
    store,
    clock,
    hand,
    call,
    rows,
    stop,
    /** A forwarder of events to a receiver of this machine. */
    forward: (name: string, url: string, more: Record<string, unknown> = {}) =>
      call("event-forwarder create webhook", { name, url, "allow-private": true, ...more }),
    /** As a feature does: in the commit of what it tells of. */
    happen: async (happened: readonly Happening[], with_: readonly Change[] = []): Promise<void> =>
      store.commit([...with_, ...(await raise(happened))]),
    /** Runs what is due, and gives what was said of it. */
    async deliver(): Promise<string> {
      const { duties: ran } = (await call("duty run")) as { duties: { outcome: string; detail?: string }[] };
      return ran[0]?.detail ?? ran[0]?.outcome ?? "";
    },
    async deliveries(name: string, state?: string): Promise<Record<string, unknown>[]> {
      const { deliveries } = await call("event-forwarder deliveries", { name, ...(state === undefined ? {} : { state }) });
      return deliveries as Record<string, unknown>[];
    },
    async shown(name: string): Promise<Record<string, unknown>> {
      return (await call("event-forwarder get", { name }))["event_forwarder"] as Record<string, unknown>;
    },
  };
}

export const expired = (name = "/prod/kv", object = "db"): Happening => ({
  type: "secret-expired",
  source: { kind: "item", name },
  payload: { event_message: `The secret ${object} of ${name} has expired.`, object_name: object },
});
