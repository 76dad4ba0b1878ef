import type { Store } from "../../kernel/store.ts";

/** What the verbs of this room are made with. */
export interface Deps {
  store: Store;
  /** The normal form of a gateway's address; `usage` for what is none, and for another machine without TLS unless that is said to be meant. */
  address: (given: string, insecure: boolean) => string;
}
