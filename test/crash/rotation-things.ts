import type { Lab } from "../emulator/support.ts";
import { inPlaceOf } from "../support/in-place-lab.ts";
import { directoryOf, type rotationHouse } from "../support/rotation-house.ts";

export type House = Awaited<ReturnType<typeof rotationHouse>>;

export const key = { name: "/key" };

/** What an item is of. */
export interface Thing {
  /** What creates the item. */
  input: Record<string, unknown>;
  /** Whether the value of the item works; of one that is not there, whether what was there before does. */
  works(value: Record<string, string> | undefined): Promise<boolean>;
  /** Makes a credential by hand. Gives what an update says of it. */
  gift?(): Promise<Record<string, string>>;
  /** What has to be at Azure beside, and what is. `spare`: the key ids that the item has beside the current one. */
  stands?(value: Record<string, string> | undefined, spare: readonly string[]): Promise<{ expected: unknown; stands: unknown }>;
}

/** One of each rotator, at a local Azure. */
export const kinds = {
  /** An application with a foreign secret. */
  async "api-key"(lab: Lab): Promise<Thing> {
    const azure = directoryOf(lab);
    const { appId } = await azure.application("app");
    const { keyId, secretText } = await azure.addPassword(appId, "somebody's");
    const foreign = [keyId];
    return {
      input: { ...key, "target-name": "t", "rotator-type": "api-key", "app-id": appId },
      async gift() {
        const made = await azure.addPassword(appId, "by hand");
        foreign.push(made.keyId);
        return { "api-id": made.keyId, "api-key": made.secretText };
      },
      works: async (value) => azure.logsIn(appId, value?.["password"] ?? secretText),
      stands: async (value, spare) => ({
        expected: new Set([...foreign, ...spare, ...(value === undefined ? [] : [value["username"]])]),
        stands: new Set((await azure.secretsOf(appId)).map(({ key_id }) => key_id)),
      }),
    };
  },
  /** One that a target logs in with beside. */
  async target(lab: Lab, house: House): Promise<Thing> {
    const azure = directoryOf(lab);
    const { appId } = await azure.application("self");
    const { keyId } = await azure.addPassword(appId, "somebody's");
    const { secretText } = await azure.addPassword(appId, "the target's");
    const self = { "azure-cloud": "lab", "tenant-id": lab.ready.tenant_id, "client-id": appId, "client-secret": secretText };
    await house.call("target create azure", { name: "self", ...self });
    return {
      input: { ...key, "target-name": "self", "rotator-type": "target" },
      works: async (value) =>
        azure.logsIn(appId, (value?.["target_value"] as unknown as Record<string, string> | undefined)?.["azure_client_secret"] ?? ""),
      async stands() {
        const stands = (await azure.secretsOf(appId)).map(({ key_id }) => key_id);
        return { expected: { foreign: true, count: 2 }, stands: { foreign: stands.includes(keyId), count: stands.length } };
      },
    };
  },
  async password(lab: Lab): Promise<Thing> {
    const azure = inPlaceOf(lab);
    const user = `user-${crypto.randomUUID()}`;
    const username = await azure.user(user);
    return {
      input: { ...key, "target-name": "t", "rotator-type": "password", username },
      async gift() {
        await azure.user(user, "Battery-Staple-2");
        return { password: "Battery-Staple-2" };
      },
      works: async (value) => azure.userLogsIn(username, value?.["password"] ?? "Correct-Horse-1"),
    };
  },
  async "storage key"(lab: Lab, house: House): Promise<Thing> {
    const azure = inPlaceOf(lab);
    const account = await azure.account(crypto.randomUUID().replaceAll("-", "").slice(0, 24));
    const { key2 } = await azure.keysOf(account);
    await house.call("target update azure", {
      name: "t",
      "subscription-id": lab.ready.subscription_id,
      "resource-group-name": "local",
      "resource-name": account,
    });
    return {
      input: { ...key, "target-name": "t", "rotator-type": "azure-storage-account", "storage-account-key-name": "key1" },
      works: async (value) => (await azure.keysOf(account))["key1"] === value?.["password"],
      stands: async () => ({ expected: key2, stands: (await azure.keysOf(account))["key2"] }),
    };
  },
};
