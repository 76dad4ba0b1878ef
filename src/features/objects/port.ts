import type { Limits, Vault } from "../connectors/port.ts";

export type { Limits, Vault } from "../connectors/port.ts";

/** The vault behind a connector's name, for a call within `limits`. */
export type OpenVault = (connector: string, limits?: Limits) => Promise<Vault>;

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

/** What can be changed in place. What is undefined stays; `tags` replaces the whole set. */
export interface SecretChanges {
  contentType?: string | undefined;
  enabled?: boolean | undefined;
  /** Epoch milliseconds. */
  expires?: number | undefined;
  notBefore?: number | undefined;
  tags?: Record<string, string> | undefined;
}

export interface SecretWrite extends SecretChanges {
  value: string;
}

export interface Page<Item = SecretProperties> {
  items: Item[];
  /** Opaque; absent on the last page. A page may be empty and still have one. */
  next?: string;
}

export interface PageOptions {
  /** 1..25, an upper bound. */
  size?: number | undefined;
  /** A page's `next`. */
  token?: string | undefined;
}

export interface DeletedSecret extends SecretProperties {
  deleted?: number;
  scheduledPurge?: number;
}

/**
 * One vault's objects. Every method fails with a `UscError` by the house's table: absent is `not_found`, refused is `forbidden` (`reason` tells a
 * disabled object), a name held by a soft-deleted object is `conflict` (`reason` tells), throttled or unreachable is `unavailable`; forbidden never
 * looks like absent. No method repeats a write blindly.
 */
export interface ObjectAdapter {
  /** Pages in Azure's order. Stops asking when the reader stops. */
  pages(vault: Vault, options?: PageOptions): AsyncIterable<Page>;
  /** All versions, in Azure's order, which is by chance; none for an unknown name. */
  versions(vault: Vault, name: string): AsyncIterable<Page>;
  /** The latest version, or the one named. */
  get(vault: Vault, name: string, version?: string): Promise<Secret>;
  /** Makes a new version; nothing is inherited from the one before. */
  set(vault: Vault, name: string, write: SecretWrite): Promise<SecretProperties>;
  /** Changes a version (default: the latest) in place. */
  change(vault: Vault, name: string, version: string | undefined, changes: SecretChanges): Promise<SecretProperties>;
  /** Begins the deletion; it becomes visible later. `not_found` when there is nothing to delete, also when it is deleted already. */
  delete(vault: Vault, name: string): Promise<DeletedSecret>;
  /** The deleted object, or undefined while its deletion is not visible (or there is none). */
  deleted(vault: Vault, name: string): Promise<DeletedSecret | undefined>;
  deletedPages(vault: Vault, options?: PageOptions): AsyncIterable<Page<DeletedSecret>>;
  /** Begins to bring a deleted object back. `live`: it is back, or was never gone. `deleting`: ask again. `absent`: no deleted object has this name. */
  recover(vault: Vault, name: string): Promise<"recovering" | "live" | "deleting" | "absent">;
  /** Removes a deleted object for good. `deleting`: ask again. `absent`: no deleted object has this name. `protected`: the vault does not allow it. */
  purge(vault: Vault, name: string): Promise<"purged" | "deleting" | "absent" | "protected">;
}
