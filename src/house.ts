import { AsyncLocalStorage } from "node:async_hooks";
import { Worker } from "node:worker_threads";
import { x509Pool } from "./adapters/x509/pool.ts";
import { type AppOptions, openState, type Outside, type State } from "./app.ts";
import { systemClock } from "./kernel/clock.ts";
import { dutiesOf } from "./duties.ts";
import type { Settings } from "./features/duties/deps.ts";
import { once } from "./kernel/once.ts";
import type { Seen } from "./kernel/audit.ts";
import type { Duty } from "./kernel/duty.ts";
import { type Operation, operationNamed } from "./kernel/operation.ts";
import { roomOf } from "./rooms.ts";
import type { Rights } from "./kernel/rights.ts";
import type { Steps } from "./kernel/steps.ts";

/** What belongs to one of the calls that are under way at once. */
interface CallContext {
  seen: Seen;
  steps: Steps;
  rights: Rights | undefined;
  source?: string | undefined;
}

export interface House {
  store: State;
  /** The operation of that name, made once. */
  find(room: string, name: string): Promise<Operation>;
  /** All that falls due. */
  duties(given: Settings): Promise<Duty[]>;
  /** Runs `act` as one call: what is seen and stopped meanwhile is its own. */
  within<T>(context: CallContext, act: () => Promise<T>): Promise<T>;
}

/** Where a thread begins, and what it is told. */
export interface ThreadStart {
  file: string;
  workerData?: object;
}

// Far above what the bounds of one input need.
const threadMegabytes = 256;

/** All rooms over one store, for a program that serves many calls at once. */
export async function openHouse({ x509Thread, ...options }: Omit<AppOptions, "steps"> & { x509Thread: ThreadStart }): Promise<House> {
  const contexts = new AsyncLocalStorage<CallContext>();
  const now = (): CallContext => {
    const context = contexts.getStore();
    if (context === undefined) throw new TypeError("a call has a context");
    return context;
  };
  const steps: Steps = {
    at: (step) => now().steps.at(step),
    pause: (ms) => now().steps.pause(ms),
    confirm: (question) => now().steps.confirm(question),
    warn: (sentence) => now().steps.warn(sentence),
    stopping: () => now().steps.stopping(),
  };
  const store = await openState(options, "long");
  const start = (): Worker =>
    // Nothing of the environment: the master key may stand in it.
    new Worker(x509Thread.file, {
      workerData: x509Thread.workerData,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: threadMegabytes },
    });
  const x509 = once(async () => x509Pool({ start, clock: systemClock }));
  const outside: Outside = {
    ...options,
    store,
    steps,
    x509,
    seen: () => now().seen,
    rights: () => now().rights,
    source: () => now().source,
  };
  const opened = new Map<string, Promise<Operation[]>>();
  return {
    store,
    async find(room, name) {
      const operations = opened.get(room) ?? roomOf(room, outside);
      opened.set(room, operations);
      return operationNamed(name, await operations);
    },
    duties: dutiesOf(outside),
    within: (context, act) => contexts.run(context, act),
  };
}
