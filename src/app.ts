import type { Call } from "./adapters/azure/index.ts";
import type { AuditBook } from "./features/audit/port.ts";
import type { X509 } from "./features/objects/x509-port.ts";
import type { StateKeeper } from "./features/state/port.ts";
import type { Audit, Ledger, Seen } from "./kernel/audit.ts";
import { systemClock } from "./kernel/clock.ts";
import type { Operation } from "./kernel/operation.ts";
import type { Rights } from "./kernel/rights.ts";
import type { Shape } from "./kernel/shape.ts";
import type { Steps } from "./kernel/steps.ts";
import type { Store } from "./kernel/store.ts";
import { roomOf } from "./rooms.ts";

export interface AppOptions {
  /** Absolute path of $USC_HOME. */
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
  onCall?: ((call: Call) => void) | undefined;
  steps: Steps;
  /** Certificates and their keys; by default in this thread. */
  x509?: () => Promise<X509>;
  /** `record-shapes.ts`, as it was at build time. */
  shapes?: Readonly<Record<string, Shape>>;
}

export type State = Store & StateKeeper & { audit: Audit & AuditBook };

/** What the rooms are made of. */
export interface Outside extends AppOptions {
  store: State;
  /** Of the call that is under way. */
  seen: () => Seen;
  /** What the caller may do; undefined for the user of this machine. */
  rights: () => Rights | undefined;
  /** The network that the caller reaches us from; undefined for the user of this machine. */
  source: () => string | undefined;
}

/** The operations of one room, over the store in `home`, and what their calls are audited with: one call at a time. */
export async function openRoom(name: string, options: AppOptions): Promise<{ operations: Operation[]; ledger: Ledger }> {
  const store = await openState(options);
  const seen: Seen = {};
  const outside = { ...options, store, seen: () => seen, rights: () => undefined, source: () => undefined };
  return { operations: await roomOf(name, outside), ledger: { audit: store.audit, clock: systemClock, seen } };
}

export async function openState(
  { home, environment, shapes }: Pick<AppOptions, "home" | "environment" | "shapes">,
  life: "short" | "long" = "short",
): Promise<State> {
  const { openStore } = await import("./adapters/state/index.ts");
  return openStore({ home, masterKey: environment["USC_MASTER_KEY"], shapes, life });
}
