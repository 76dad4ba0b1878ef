import { armErrors, type ArmFailure } from "./arm-errors.ts";
import { armPage } from "./arm-paging.ts";
import type { ArmView } from "./arm-resources.ts";
import type { Clock } from "./clock.ts";
import type { Directory } from "./directory.ts";
import type { RoleBook } from "./roles.ts";
import { BodyTooLarge, type Answer, type Ask } from "./room.ts";
import type { Settings } from "./settings.ts";
import type { StorageAccount } from "./storage-accounts.ts";
import type { Caller, Signer } from "./token.ts";
import type { VaultState } from "./vault-state.ts";

export interface ArmHouse {
  directory: Directory;
  signer: Signer;
  clock: Clock;
  settings: Settings;
  roles: RoleBook;
  vaults: ReadonlyMap<string, VaultState>;
  storage: ReadonlyMap<string, StorageAccount>;
  localSuffix(): string;
  /** Of whom a role can be assigned to; undefined for one that is not there, or not yet for ARM. */
  principalType(objectId: string): string | undefined;
}

/** One request of a caller whose token is good. What it may do is for each command to look at. */
export interface ArmCall {
  house: ArmHouse;
  ask: Ask;
  caller: Caller;
  view: ArmView;
  now: number;
  params: Record<string, string>;
}

export interface ArmRoute {
  method: string;
  /** Literals are in small letters: ARM reads a path without regard to case. */
  path: string;
  run(call: ArmCall): Promise<Answer> | Answer;
}

export function may({ house, caller, now }: ArmCall, action: string, scope: string): boolean {
  return house.roles.may(caller.objectId, { plane: "actions", name: action }, scope, now);
}

/** Throws what ARM says to a caller who may not. As there, it comes before any word about what there is. */
export function demand(call: ArmCall, action: string, scope: string): void {
  if (!may(call, action, scope)) throw refused(call, action, scope);
}

export function refused({ caller }: ArmCall, action: string, scope: string): ArmFailure {
  return armErrors.forbidden(caller.clientId, caller.objectId, action, scope);
}

export function paged<T extends { name: string }>(call: ArmCall, rows: readonly T[], shown: (row: T) => object): Answer {
  const { ask, house } = call;
  const sorted = rows.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const page = armPage(sorted, ({ name }) => name, {
    query: ask.query,
    url: ask.origin.base + ask.path,
    emptyPages: house.settings.emptyPages,
  });
  return ok({ ...page, value: page.value.map(shown) });
}

export function ok(body: object): Answer {
  return { status: 200, body };
}

/** The body as a JSON object, and nothing about what is in it. */
export async function readMembers(ask: Ask): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse((await ask.readBody()).toString("utf8"));
    if (isObject(value)) return value;
  } catch (error) {
    if (error instanceof BodyTooLarge) throw armErrors.tooLarge();
  }
  throw armErrors.badBody();
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
