import type { UscError } from "../../kernel/errors.ts";
import type { Cloud, Target } from "./model.ts";

/** An item that uses a target. */
export interface TargetUser {
  name: string;
  /** `connector`, `rotated secret`. */
  noun: string;
  /** Of a connector. */
  "vault-url"?: string;
}

/** Who leans on a target. Items stand above targets, so the answer comes in from outside. */
export interface TargetUsers {
  of(target: string): Promise<readonly TargetUser[]>;
}

/**
 * A client certificate with its key, from PEM or PFX: PEM text of the leaf, its chain and the key as PKCS#8. Fails with `usage` and a sentence for each
 * thing that can be wrong: no key, no certificate, a wrong password, a key that Entra does not take.
 */
export type ReadClientCertificate = (bytes: Uint8Array, password: string | undefined) => Promise<string>;

/** As whom Entra knows a target: what its token says, and never the token. */
export interface Identity {
  /** Absent where neither the token nor the target tells. */
  tenant?: string;
  /** The application's id, where it is an application that is logged in. */
  client?: string;
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

/** A vault as ARM tells of it. */
export interface FoundVault {
  name: string;
  /** `https://host[:port]`, of the target's cloud. */
  url: string;
  resourceGroup: string;
  subscription: string;
  location: string;
  tenant: string;
  rbac: boolean;
  purgeProtection: boolean;
  softDeleteDays?: number;
}

export interface VaultFinder {
  /**
   * The vaults of a subscription, or of all enabled ones that the identity sees, page by page. ARM's own words are in the sentence of a failure. Among
   * many, a subscription whose vaults the identity may not see is told to `onRefused` and passed over; `forbidden` if that is so of all, or if there is none.
   */
  pages(
    cloud: Cloud,
    target: Target,
    subscription: string | undefined,
    onRefused: (refusal: UscError) => void,
    limits?: Limits,
  ): AsyncIterable<FoundVault[]>;
}
