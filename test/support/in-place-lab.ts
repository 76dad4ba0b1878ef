import type { Lab } from "../emulator/support.ts";

/** What is replaced in its place at a local Azure, past usc: passwords of users and keys of storage accounts. */
export function inPlaceOf(lab: Lab) {
  const { ready } = lab;
  const nameOf = (user: string): string => `${user}@local.onmicrosoft.com`;
  const user = async (name: string, password = "Correct-Horse-1"): Promise<string> => {
    await lab.control("PUT", "/users", { user_principal_name: nameOf(name), password });
    return nameOf(name);
  };
  const userLogsIn = async (username: string, password: string): Promise<boolean> => {
    const form = { grant_type: "password", client_id: ready.client_id, client_secret: ready.client_secret, username, password };
    const body = new URLSearchParams({ ...form, scope: "https://graph.microsoft.com/.default" }).toString();
    return (await lab.https("POST", `${ready.authority_host}/${ready.tenant_id}/oauth2/v2.0/token`, { body })).status === 200;
  };
  const mustChange = async (username: string): Promise<boolean> =>
    (await lab.control("GET", "/users")).json.users.find((each: { user_principal_name: string }) => each.user_principal_name === username)
      .must_change;
  const account = async (name: string, active_directory = false): Promise<string> => {
    await lab.control("PUT", `/storage-accounts/${name}`, { active_directory });
    return name;
  };
  let token: string | undefined;
  const keysOf = async (name: string): Promise<Record<string, string>> => {
    token ??= await lab.token("https://management.azure.com/.default");
    const place = `/subscriptions/${ready.subscription_id}/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/${name}`;
    const url = `${ready.arm_endpoint}${place}/listKeys?api-version=2024-01-01&$expand=kerb`;
    const { json } = await lab.https("POST", url, { headers: { authorization: `Bearer ${token}` } });
    return Object.fromEntries(json.keys.map((key: { keyName: string; value: string }) => [key.keyName, key.value]));
  };
  return { user, userLogsIn, mustChange, account, keysOf };
}
