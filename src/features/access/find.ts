import { UscError } from "../../kernel/errors.ts";
import { itemPath } from "../../kernel/paths.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type AuthMethod, authMethods, type Role, roles } from "./model.ts";

export async function findRole(store: Store, given: string): Promise<Stored<Role>> {
  const path = itemPath(given, "role");
  const stored = await store.collection(roles).get(path);
  if (stored === undefined) throw new UscError("not_found", `There is no role ${path}.`, { hint: "`usc list-roles` shows what there is." });
  return stored;
}

export async function findMethod(store: Store, given: string): Promise<Stored<AuthMethod>> {
  const path = itemPath(given, "auth method");
  const stored = await store.collection(authMethods).get(path);
  if (stored === undefined)
    throw new UscError("not_found", `There is no auth method ${path}.`, { hint: "`usc list-auth-methods` shows what there is." });
  return stored;
}
