/**
 * Terminology
 *   data key    what sealed fields are sealed with; it lies in the store, wrapped by the master key
 *   master key  what wraps the data keys; it lies in the key file beside the store, or in USC_MASTER_KEY
 *   copy        the whole store in one file, sealed as it is; the master key is not in it
 */
export type Rotation = { of: "all" } | { of: "data key" } | { of: "master key"; file: string };

export interface Rotated {
  key_id: string;
  resealed: number;
  /** `given`: what the user made is the master key now, and he has to set it. */
  master_key: "new" | "given" | "kept";
}

export interface BackedUp {
  bytes: number;
  records: number;
  audit_rows: number;
  audit_head: string;
  /** Whether the audit in it is as usc wrote it. */
  audit_whole: boolean;
}

export interface RestoreOptions {
  /** A state that holds anything is replaced, and kept beside. */
  force: boolean;
  /** Key file of the time when the copy was made; absent: the present master key. */
  masterKeyFile?: string | undefined;
  /** Collections that stay empty: what was good for a while only must not be good again. */
  without: readonly string[];
}

export interface Restored {
  records: number;
  /** `continued`: the audit that stands knows more than the copy's and goes on. `restored`: it came with the copy. */
  audit: "continued" | "restored";
  audit_head: string;
  /** Where the replaced state lies; absent if it held nothing. */
  replaced_file?: string;
  /** Records that could not be opened in the copy either. */
  damaged: number;
}

/** Who holds the keys that records are sealed under, and can tell a copy of the state from anything else. */
export interface StateKeeper {
  /** All or nothing, while others read and write. */
  rotateKey(rotation: Rotation): Promise<Rotated>;
  /** Writes what is committed at one instant to a new file of mode 0600: whole and durable, or not at all. */
  backup(file: string): Promise<BackedUp>;
  /** Puts a copy in the place of what is stored, all or nothing; others see it at their next look. */
  restore(file: string, options: RestoreOptions): Promise<Restored>;
}
