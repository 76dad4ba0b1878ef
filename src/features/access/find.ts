import { recordAt } from "../../kernel/find.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type AuthMethod, authMethods, type Role, roles } from "./model.ts";

export const findRole = (store: Store, given: string): Promise<Stored<Role>> => recordAt(store, roles, given, "list-roles");

export const findMethod = (store: Store, given: string): Promise<Stored<AuthMethod>> =>
  recordAt(store, authMethods, given, "list-auth-methods");
