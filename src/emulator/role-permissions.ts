import { fitsPattern } from "./faults.ts";

/** One entry of a role definition's `permissions`, as ARM spells it: `*` stands for any run of characters, case for nothing. */
export interface Permissions {
  /** On the management plane. */
  actions: readonly string[];
  notActions: readonly string[];
  /** On the data plane. */
  dataActions: readonly string[];
  notDataActions: readonly string[];
}

/** One right, by its whole name: `Microsoft.KeyVault/vaults/read`. */
export interface Right {
  plane: "actions" | "dataActions";
  name: string;
}

const exceptions = { actions: "notActions", dataActions: "notDataActions" } as const;
const nothing: Permissions = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
export const everything: Permissions = { ...nothing, actions: ["*"], dataActions: ["*"] };

export function permissions(given: Partial<Permissions>): Permissions {
  return { ...nothing, ...given };
}

/** An exception counts within its own entry alone: what one role leaves out another may give. */
export function permits(entry: Permissions, { plane, name }: Right): boolean {
  return entry[plane].some((pattern) => covers(pattern, name)) && !entry[exceptions[plane]].some((pattern) => covers(pattern, name));
}

// A guess: `vaults/*/read` covers `vaults/read` as well, since whoever has such a role sees the vault in Azure's portal.
function covers(pattern: string, name: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), name.toLowerCase()];
  return fitsPattern(wanted, given) || fitsPattern(wanted.replaceAll("/*/", "/"), given);
}
