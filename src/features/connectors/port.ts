import type { Cloud, Target } from "../targets/model.ts";
import type { Connector } from "./model.ts";

/** Turns a vault's name or URL into `https://host[:port]` of that cloud, or fails with `usage`. It is the adapter that knows which hosts a cloud has. */
export type VaultAddress = (cloud: Cloud, given: { name: string } | { url: string }) => { url: string; name: string };

/** What a call into a vault needs: where, as whom, and by which cloud's rules. */
export interface Vault {
  /** `https://host[:port]`. */
  url: string;
  cloud: Cloud;
  target: Target;
  connector: Connector;
  limits?: Limits;
}

/** What a caller allows a call into a vault. */
export interface Limits {
  /** Epoch milliseconds. */
  deadline?: number;
  /** How often a request may be sent again. */
  maxRetries?: number;
}
