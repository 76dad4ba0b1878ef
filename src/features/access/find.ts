import { UscError } from "../../kernel/errors.ts";
import { itemPath } from "../../kernel/paths.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type Role, roles } from "./model.ts";

export async function findRole(store: Store, given: string): Promise<Stored<Role>> {
  const path = itemPath(given, "role");
  const stored = await store.collection(roles).get(path);
  if (stored === undefined) throw new UscError("not_found", `There is no role ${path}.`, { hint: "`usc list-roles` shows what there is." });
  return stored;
}
