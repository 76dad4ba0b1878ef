import type { Cloud, Target } from "./model.ts";

/** Who leans on a target. Connectors stand above targets, so the answer comes in from outside. */
export interface TargetUsers {
  /** The connectors that use the target, in order of their names. */
  of(target: string): Promise<readonly { name: string; "vault-url": string }[]>;
}

/** As whom Entra knows a target: what its token says, and never the token. */
export interface Identity {
  tenant: string;
  /** Of the service principal: what a role is assigned to. Absent where the token does not tell. */
  objectId?: string;
  audience: string;
  /** Epoch milliseconds. */
  expires: number;
}

/** What a vault asks a caller without a token for. */
export interface Wish {
  /** `https://host[:port]` */
  login: string;
  tenant: string;
  audience: string;
}

/** What a caller allows a call to Azure. */
export interface Limits {
  /** Epoch milliseconds. */
  deadline?: number;
  /** How often a request may be sent again. */
  maxRetries?: number;
}

/** Asks Azure itself, past everything that is remembered. Fails with the `UscError` that a call would fail with. */
export interface Login {
  identify(cloud: Cloud, target: Target, limits?: Limits): Promise<Identity>;
  /** `onWish` hears it before it is compared with what the cloud and the target are. `usage` unless the URL is a vault of the cloud. */
  wish(cloud: Cloud, target: Target, url: string, onWish: (wish: Wish) => void, limits?: Limits): Promise<void>;
}
