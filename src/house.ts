import { AsyncLocalStorage } from "node:async_hooks";
import { Worker } from "node:worker_threads";
import { x509Pool } from "./adapters/x509/pool.ts";
import { type AppOptions, openState, type Outside, type State } from "./app.ts";
import { dutiesOf } from "./duties.ts";
import type { Settings } from "./features/duties/deps.ts";
import type { Seen } from "./kernel/audit.ts";
import { systemClock } from "./kernel/clock.ts";
import type { Duty } from "./kernel/duty.ts";
import { once } from "./kernel/once.ts";
import { type Declaration, invoke, type Operation, operationNamed } from "./kernel/operation.ts";
import type { Rights } from "./kernel/rights.ts";
import { type Steps, stepsOf } from "./kernel/steps.ts";
import { roomOf } from "./rooms.ts";

/** Who calls, what he may do and hears, and when to stop. */
interface Caller {
  name: string;
  rights?: Rights | undefined;
  /** The network that he reaches us from. */
  source?: string | undefined;
  /** Operations of several steps end between two of them. */
  stop: AbortSignal;
  warn: (sentence: string) => void;
  ask: (question: string) => Promise<boolean>;
}

export interface House {
  store: State;
  /** The operation of that name, made once. */
  find(room: string, name: string): Promise<Operation>;
  /** All that falls due. */
  duties(given: Settings): Promise<Duty[]>;
  /** Through the one door, and audited. What is seen meanwhile, and where it stops, is of this call alone. */
  call(
    op: Operation,
    input: Readonly<Record<string, unknown>>,
    caller: Caller,
    declaration?: Declaration,
  ): Promise<Record<string, unknown>>;
}

/** Where a thread begins, and what it is told. */
export interface ThreadStart {
  file: string;
  workerData?: object;
}

/** What belongs to one of the calls that are under way at once. */
interface CallContext extends Pick<Caller, "rights" | "source"> {
  seen: Seen;
  steps: Steps;
}

/** All rooms over one store, for a program that serves many calls at once. */
export async function openHouse({ x509Thread, ...options }: Omit<AppOptions, "steps"> & { x509Thread: ThreadStart }): Promise<House> {
  const contexts = new AsyncLocalStorage<CallContext>();
  const now = (): CallContext => {
    const context = contexts.getStore();
    if (context === undefined) throw new TypeError("a call has a context");
    return context;
  };
  const store = await openState(options, "long");
  const outside: Outside = {
    ...options,
    store,
    steps: stepsNow(() => now().steps),
    x509: once(async () => x509Pool({ start: () => begun(x509Thread), clock: systemClock })),
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
    call(op, input, { name, rights, source, stop, warn, ask }, declaration) {
      const [clock, seen] = [systemClock, {}];
      const steps = stepsOf({ clock, stop: { signal: stop, hold() {} }, tell() {}, warn, ask });
      const witness = { audit: store.audit, clock, seen, caller: () => name, rights, warn };
      return contexts.run({ seen, steps, rights, source }, () => invoke(op, input, witness, { declaration }));
    },
  };
}

const stepsNow = (now: () => Steps): Steps => ({
  at: (step) => now().at(step),
  pause: (ms) => now().pause(ms),
  confirm: (question) => now().confirm(question),
  warn: (sentence) => now().warn(sentence),
  stopping: () => now().stopping(),
});

// Far above what the bounds of one input need.
const threadMegabytes = 256;

const begun = ({ file, workerData }: ThreadStart): Worker =>
  // Nothing of the environment: the master key may stand in it.
  new Worker(file, { workerData, env: {}, resourceLimits: { maxOldGenerationSizeMb: threadMegabytes } });
