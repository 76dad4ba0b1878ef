/** Who holds the keys that records are sealed under. */
export interface KeyKeeper {
  /** Makes a new data key and seals every record under it, all or nothing. `resealed`: how many records. */
  rotateKey(): Promise<{ key_id: string; resealed: number }>;
}
