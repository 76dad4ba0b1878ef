import { demand, may, ok, paged, readMembers, refused, type ArmCall, type ArmRoute } from "./arm-call.ts";
import { armErrors, ArmFailure } from "./arm-errors.ts";
import { preciseTime, region, resourceGroup, resourceId } from "./arm-resources.ts";
import type { Answer } from "./room.ts";
import { isKerberos, regenerateKey, shownKeys, type StorageAccount } from "./storage-accounts.ts";

export const storageType = "Microsoft.Storage/storageAccounts";
const accounts = "providers/microsoft.storage/storageaccounts";
const inGroup = `/subscriptions/{subscription}/resourcegroups/{group}/${accounts}`;

export const storageRoutes: readonly ArmRoute[] = [
  { method: "GET", path: `/subscriptions/{subscription}/${accounts}`, run: listAccounts },
  { method: "GET", path: inGroup, run: listAccounts },
  { method: "GET", path: `${inGroup}/{name}`, run: getAccount },
  { method: "POST", path: `${inGroup}/{name}/listkeys`, run: listKeys },
  { method: "POST", path: `${inGroup}/{name}/regeneratekey`, run: regenerate },
];

export function readableAccounts(call: ArmCall): StorageAccount[] {
  return [...call.house.storage.values()].filter(({ name }) => may(call, `${storageType}/read`, accountId(call, name)));
}

function listAccounts(call: ArmCall): Answer {
  const rows = readableAccounts(call);
  const scope = call.ask.path.replace(/\/providers\/.*$/i, "");
  if (rows.length === 0 && !may(call, `${storageType}/read`, scope)) throw refused(call, `${storageType}/read`, scope);
  return paged(call, rows, (account) => shown(call, account));
}

function getAccount(call: ArmCall): Answer {
  return ok(shown(call, accountFor(call, "read")));
}

/** `$expand=kerb` shows the Kerberos keys as well, where there are any. */
function listKeys(call: ArmCall): Answer {
  const account = accountFor(call, "listKeys/action");
  const kinds = call.ask.query.get("$expand")?.toLowerCase() === "kerb" ? "all" : "access";
  return ok(keysOf(account, kinds));
}

/** Done when it answers. It shows all keys of that kind; the others are as they were. */
async function regenerate(call: ArmCall): Promise<Answer> {
  const account = accountFor(call, "regenerateKey/action");
  const { keyName: given } = await readMembers(call.ask);
  // Names are compared without case. The text is a guess by what Azure says of other parameters.
  const keyName = typeof given === "string" ? given.toLowerCase() : "";
  if (!regenerateKey(account, keyName, call.now)) {
    throw new ArmFailure(400, "InvalidValuesForRequestParameters", "Values for request parameters are invalid: keyName.");
  }
  return ok(keysOf(account, isKerberos(keyName) ? "all" : "access"));
}

function accountFor(call: ArmCall, verb: string): StorageAccount {
  const given = call.params["name"] ?? "";
  demand(call, `${storageType}/${verb}`, accountId(call, given));
  const account = call.house.storage.get(given.toLowerCase());
  if (account === undefined) throw armErrors.unknownResource(storageType, given, resourceGroup);
  return account;
}

function accountId({ view }: ArmCall, name: string): string {
  return resourceId(view, storageType, name);
}

function keysOf(account: StorageAccount, kinds: "access" | "all"): object {
  const keys = shownKeys(account, kinds).map(({ keyName, value, creationTime }) => {
    return { creationTime: preciseTime(creationTime), keyName, value, permissions: "FULL" };
  });
  return { keys };
}

function shown({ view }: ArmCall, { name, createdAt, activeDirectory, keys }: StorageAccount): object {
  const created = (keyName: string): string => preciseTime(keys.find((key) => key.keyName === keyName)?.creationTime ?? createdAt);
  const endpoints = ["blob", "dfs", "file", "queue", "table"].map((service) => [service, `https://${name}.${service}.core.windows.net/`]);
  return {
    sku: { name: "Standard_LRS", tier: "Standard" },
    kind: "StorageV2",
    id: resourceId(view, storageType, name),
    name,
    type: storageType,
    location: region,
    tags: {},
    properties: {
      keyCreationTime: { key1: created("key1"), key2: created("key2") },
      allowSharedKeyAccess: true,
      minimumTlsVersion: "TLS1_2",
      azureFilesIdentityBasedAuthentication: { directoryServiceOptions: activeDirectory ? "AD" : "None" },
      supportsHttpsTrafficOnly: true,
      accessTier: "Hot",
      provisioningState: "Succeeded",
      creationTime: preciseTime(createdAt),
      primaryEndpoints: Object.fromEntries(endpoints),
      primaryLocation: region,
      statusOfPrimary: "available",
    },
  };
}
