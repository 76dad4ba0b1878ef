import type { Clock } from "../../kernel/clock.ts";
import type { Store } from "../../kernel/store.ts";
import type { Outbox } from "../events/port.ts";
import type { ObjectAdapter, OpenVault } from "../objects/port.ts";

/** What the report is made with. */
export interface Deps {
  adapter: ObjectAdapter;
  clock: Clock;
  openVault: OpenVault;
}

/** And what the duty needs beside it. */
export interface NoticeDeps extends Deps {
  store: Store;
  outbox: Outbox;
  /** How long before it expires an object is told of: a duration. */
  notifyBefore: string | undefined;
}
