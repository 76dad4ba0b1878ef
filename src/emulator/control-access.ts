import { permissions, setPolicy, type Kind } from "./access-policies.ts";
import { BadControl, type Reader, type Run } from "./control-input.ts";
import { permissions as entry } from "./role-permissions.ts";
import type { VaultState } from "./vault-state.ts";
import type { World } from "./world.ts";

/**
 * `PUT /role-assignments` with `{"vault"?, "principal"?, "roles": ["Key Vault Secrets User"] | "actions": ["*"]}` replaces what the
 * principal (client id or object id; the ready line's by default) may do in one vault, or everywhere. It counts at once, stands in no
 * list of ARM's, and what roles were assigned through ARM comes on top. Whom the local Azure began with may do everything until then.
 */
export const assignRoles: Run = ({ world }, { body }) => {
  const vault = vaultIn(world, body);
  const principal = principalIn(world, body);
  const roles = body.texts("roles");
  const actions = body.texts("actions");
  body.end();
  if ((roles === undefined) === (actions === undefined)) throw new BadControl('Exactly one of "roles" and "actions" is needed.');
  const granted = (roles ?? []).flatMap((role) => {
    const found = world.roles.definitions().find(({ roleName }) => roleName === role);
    if (found === undefined) throw new BadControl(`The role "${role}" is not known.`);
    return found.permissions;
  });
  // Actions that are named count on both planes: nobody has to know which one an action belongs to.
  world.roles.grant(principal, vault?.name, actions === undefined ? granted : [entry({ actions, dataActions: actions })]);
  return undefined;
};

/**
 * `PUT /access-policies` with `{"vault"?, "principal"?, "secrets"?: ["get", "list"], "certificates"?: [...], "keys"?: [...]}` replaces
 * the policy of the principal in one vault, or in all: what it does not name is not permitted. No permission at all takes the policy
 * away, and `["all"]` of each is where every vault starts. It counts in vaults whose `access` is "policies".
 */
export const setAccessPolicy: Run = ({ world }, { body }) => {
  const vault = vaultIn(world, body);
  const objectId = principalIn(world, body);
  const given = { secrets: body.texts("secrets"), certificates: body.texts("certificates"), keys: body.texts("keys") };
  body.end();
  if (Object.values(given).every((words) => words === undefined))
    throw new BadControl('One of "secrets", "certificates" and "keys" is needed.');
  const { secrets, certificates, keys } = given;
  const policy = {
    objectId,
    secrets: checked("secrets", secrets),
    certificates: checked("certificates", certificates),
    keys: checked("keys", keys),
  };
  for (const each of vault === undefined ? world.vaults.values() : [vault]) setPolicy(each, policy);
  return undefined;
};

function checked(kind: Kind, words: readonly string[] = []): readonly string[] {
  const all: readonly string[] = ["all", ...permissions[kind]];
  for (const word of words) if (!all.includes(word)) throw new BadControl(`The permission "${word}" is not known.`);
  return words;
}

function vaultIn(world: World, body: Reader): VaultState | undefined {
  const name = body.text("vault");
  const vault = world.vaults.get(name ?? "");
  if (name !== undefined && vault === undefined) throw new BadControl(`There is no vault named "${name}".`);
  return vault;
}

/** An object id. One that nobody has is as good as any: it may be a user's. */
function principalIn(world: World, body: Reader): string {
  const named = body.text("principal");
  const known = [...world.directory.servicePrincipals, ...world.directory.managedIdentities];
  const found = known.find(({ clientId, objectId }) => named === undefined || named === clientId || named === objectId);
  const principal = found?.objectId ?? named;
  if (principal === undefined) throw new BadControl('"principal" is needed.');
  return principal;
}
