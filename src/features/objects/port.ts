import type { Limits, Vault } from "../connectors/port.ts";

export type { Limits, Vault } from "../connectors/port.ts";

/** The vault behind a connector's name, for a call within `limits`. */
export type OpenVault = (connector: string, limits?: Limits) => Promise<Vault>;

export type Noun = "secret" | "certificate";

/** How a command line says which kind of object is meant. */
export const typeFlag = (noun: Noun): string => (noun === "secret" ? "" : ` --object-type ${noun}`);

/** Reads `name`, `name/version` or an object's full URL; a URL of another vault or another kind of object is `usage`. */
export type ReadReference = (vault: { url: string }, reference: string, noun: Noun) => { name: string; version?: string };

/** What every object shows of itself. Times are epoch milliseconds; absent stays absent. */
export interface ObjectProperties {
  /** Absolute URL, with the version where Azure gave one. */
  id: string;
  name: string;
  /** 32 lower-case hex digits; absent in a list. */
  version?: string;
  enabled: boolean;
  created?: number;
  updated?: number;
  expires?: number;
  notBefore?: number;
  tags: Record<string, string>;
}

/** A secret's face without its value. */
export interface SecretProperties extends ObjectProperties {
  contentType?: string;
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

export type Deleted<Item extends ObjectProperties = ObjectProperties> = Item & { deleted?: number; scheduledPurge?: number };

export type DeletedSecret = Deleted<SecretProperties>;

/**
 * One kind of a vault's objects: what secrets and certificates have in common. Every method fails with a `UscError` by the house's table: absent is
 * `not_found`, refused is `forbidden` (`reason` tells a disabled object), a name held by a soft-deleted object is `conflict` (`reason` tells),
 * throttled or unreachable is `unavailable`; forbidden never looks like absent. No method repeats a write blindly.
 */
export interface Shelf<Item extends ObjectProperties = ObjectProperties, Whole extends Item = Item> {
  readonly noun: Noun;
  /** Pages in Azure's order. Stops asking when the reader stops. */
  pages(vault: Vault, options?: PageOptions): AsyncIterable<Page<Item>>;
  /** All versions, in Azure's order, which is by chance; none for an unknown name. */
  versions(vault: Vault, name: string): AsyncIterable<Page<Item>>;
  /** The latest version, or the one named. */
  get(vault: Vault, name: string, version?: string): Promise<Whole>;
  /** Begins the deletion; it becomes visible later. `not_found` when there is nothing to delete, also when it is deleted already. */
  delete(vault: Vault, name: string): Promise<Deleted<Item>>;
  /** The deleted object, or undefined while its deletion is not visible (or there is none). */
  deleted(vault: Vault, name: string): Promise<Deleted<Item> | undefined>;
  deletedPages(vault: Vault, options?: PageOptions): AsyncIterable<Page<Deleted<Item>>>;
  /** Begins to bring a deleted object back. `live`: it is back, or was never gone. `deleting`: ask again. `absent`: no deleted object has this name. */
  recover(vault: Vault, name: string): Promise<Recovery>;
  /** Removes a deleted object for good. `deleting`: ask again. `absent`: no deleted object has this name. `protected`: the vault does not allow it. */
  purge(vault: Vault, name: string): Promise<Purge>;
}

export type Recovery = "recovering" | "live" | "deleting" | "absent";
export type Purge = "purged" | "deleting" | "absent" | "protected";

/** One vault's secrets. */
export interface ObjectAdapter extends Shelf<SecretProperties, Secret> {
  readonly noun: "secret";
  /** Makes a new version; nothing is inherited from the one before. */
  set(vault: Vault, name: string, write: SecretWrite): Promise<SecretProperties>;
  /** Changes a version (default: the latest) in place. */
  change(vault: Vault, name: string, version: string | undefined, changes: SecretChanges): Promise<SecretProperties>;
}
