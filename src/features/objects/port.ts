import type { Vault } from "../connectors/port.ts";

export type { Vault } from "../connectors/port.ts";

/** The vault behind a connector's name. */
export type OpenVault = (connector: string) => Promise<Vault>;

/** Reads `name`, `name/version` or an object's full URL; a URL of another vault is `usage`. */
export type ReadReference = (vault: { url: string }, reference: string, collection: "secrets") => { name: string; version?: string };

/** A secret's face without its value. Times are epoch milliseconds; absent stays absent. */
export interface SecretProperties {
  /** Absolute URL, with the version where Azure gave one. */
  id: string;
  name: string;
  /** 32 lower-case hex digits; absent in a list. */
  version?: string;
  contentType?: string;
  enabled: boolean;
  created?: number;
  updated?: number;
  expires?: number;
  notBefore?: number;
  tags: Record<string, string>;
  /** The value behind a certificate. */
  managed: boolean;
}

export interface Secret extends SecretProperties {
  /** The text as stored. */
  value: string;
}

export interface SecretWrite {
  value: string;
  contentType?: string | undefined;
  enabled?: boolean | undefined;
  /** Epoch milliseconds. */
  expires?: number | undefined;
  notBefore?: number | undefined;
  tags?: Record<string, string> | undefined;
}

export interface Page {
  items: SecretProperties[];
  /** Opaque; absent on the last page. A page may be empty and still have one. */
  next?: string;
}

export interface DeletedSecret extends SecretProperties {
  deleted?: number;
  scheduledPurge?: number;
}

/**
 * One vault's objects. Every method fails with a `UscError` by the house's table: absent is `not_found`, refused is `forbidden`, a name held by a
 * soft-deleted object is `conflict`, throttled or unreachable is `unavailable`; forbidden never looks like absent. No method repeats a write.
 */
export interface ObjectAdapter {
  /** Pages in Azure's order. `size` (1..25) is an upper bound. `token` is a page's `next`. Stops asking when the reader stops. */
  pages(vault: Vault, options?: { size?: number | undefined; token?: string | undefined }): AsyncIterable<Page>;
  /** The latest version, or the one named. */
  get(vault: Vault, name: string, version?: string): Promise<Secret>;
  /** Makes a new version; nothing is inherited from the one before. */
  set(vault: Vault, name: string, write: SecretWrite): Promise<SecretProperties>;
  /** Begins the deletion; it becomes visible later. `not_found` when there is nothing to delete, also when it is deleted already. */
  delete(vault: Vault, name: string): Promise<DeletedSecret>;
  /** The deleted object, or undefined while its deletion is not visible (or there is none). */
  deleted(vault: Vault, name: string): Promise<DeletedSecret | undefined>;
  /** Removes a deleted object for good. `deleting`: Azure is not done with the deletion, ask again. `absent`: no deleted object has this name. */
  purge(vault: Vault, name: string): Promise<"purged" | "deleting" | "absent">;
}
