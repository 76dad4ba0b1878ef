import type { Cloud, Target } from "../targets/model.ts";
import type { Limits } from "../targets/port.ts";
import type { Connector } from "./model.ts";

export type { Limits } from "../targets/port.ts";

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
