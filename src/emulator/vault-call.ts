import type { Permission } from "./access-policies.ts";
import type { DataAction } from "./data-actions.ts";
import type { Mortal } from "./lifecycle.ts";
import { page } from "./paging.ts";
import type { Answer, Ask } from "./room.ts";
import type { Settings } from "./settings.ts";
import type { VaultState } from "./vault-state.ts";

/** One authorized request to a vault. */
export interface VaultCall {
  ask: Ask;
  vault: VaultState;
  /** Empty where the route has none; checked against the shape of names. */
  name: string;
  /** Empty for the latest. */
  version: string;
  now: number;
  settings: Settings;
  view: View;
  region: string;
  backupKey: Buffer;
}

/** How this caller sees the vault. */
export interface View {
  base: string;
  purgeProtection: boolean;
}

export interface VaultRoute {
  method: string;
  path: string;
  /** What it needs where roles decide, and where access policies do. */
  action: DataAction;
  permission: Permission;
  run(call: VaultCall): Promise<Answer> | Answer;
}

export function ok(body: object): Answer {
  return { status: 200, body };
}

export function keyOf({ name }: Mortal): string {
  return name.toLowerCase();
}

export function paged<T>(call: VaultCall, path: string, rows: readonly T[], key: (row: T) => string, item: (row: T) => object): Answer {
  const { query, origin } = call.ask;
  const found = page(rows, key, { query, url: origin.linkBase + path, emptyPages: call.settings.emptyPages });
  return ok({ value: found.rows.map(item), nextLink: found.nextLink });
}

/** For the lists of versions, which are ordered by their id, so by age at random. */
export function byId<T extends { id: string }>(versions: readonly T[]): T[] {
  return versions.toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

export function purgeRules({ settings, vault, region }: VaultCall) {
  return { delays: settings.delays, protectedIn: vault.properties.purgeProtection ? { vault: vault.name, region } : undefined };
}
