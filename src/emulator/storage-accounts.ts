import { randomBytes } from "node:crypto";

/** One storage account, as far as its keys go. */
export interface StorageAccount {
  name: string;
  /** Epoch milliseconds. */
  createdAt: number;
  /** Files are open to an Active Directory: there are Kerberos keys as well. */
  activeDirectory: boolean;
  /** Always all four: what nobody may see is not shown. */
  keys: StorageKey[];
}

export interface StorageKey {
  keyName: string;
  value: string;
  /** Epoch milliseconds. */
  creationTime: number;
}

const keyNames = ["key1", "key2", "kerb1", "kerb2"];

export function isAccountName(name: string): boolean {
  return /^[0-9a-z]{3,24}$/.test(name);
}

export function createStorageAccount(name: string, now: number): StorageAccount {
  const keys = keyNames.map((keyName) => ({ keyName, value: randomKey(), creationTime: now }));
  return { name, createdAt: now, activeDirectory: false, keys };
}

export function shownKeys({ keys, activeDirectory }: StorageAccount, kinds: "access" | "all"): readonly StorageKey[] {
  return keys.filter((key) => !isKerberos(key.keyName) || (kinds === "all" && activeDirectory));
}

export function isKerberos(keyName: string): boolean {
  return keyName.startsWith("kerb");
}

/** The old value is worth nothing from here on. False for a key that the account does not have. */
export function regenerateKey(account: StorageAccount, keyName: string, now: number): boolean {
  const key = shownKeys(account, "all").find((each) => each.keyName === keyName);
  if (key === undefined) return false;
  key.value = randomKey();
  key.creationTime = now;
  return true;
}

/** 88 characters, of which the last two are always "=". */
function randomKey(): string {
  return randomBytes(64).toString("base64");
}
