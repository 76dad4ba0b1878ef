import { afterAll, expect, it } from "vitest";
import { akeylessClient } from "../support/akeyless-client.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
const gateway = await gatewayOver(lab);
afterAll(async () => {
  await gateway.stop();
  await lab.stop();
});
const witness = await akeylessClient(lab.ready, gateway);

/** With the fields that are needed, and with an empty text in all the others. */
const round = (form: string): string[] =>
  [
    `create /sdk/${form}/key`,
    `value ['application_id', 'password', 'username'] True True`,
    `describe ROTATED_SECRET True 30 ['a'] []`,
    `details api-key-rotator use-target-creds RotationSucceeded 3`,
    `events [7, 1]`,
    `next 3 30`,
    `list ['/sdk/${form}/key']`,
    `list by its new name None`,
    `update /sdk/${form}/key`,
    `updated 60 ['a', 'b'] mine`,
    `sync [{'usc-name': '/sdk/kv', 'remote-secret-name': 'sdk-${form}-key'}] True`,
    `rotate /sdk/${form}/key`,
    `rotated True True 2`,
    `version True`,
    `association /sdk/kv USC True`,
    `attributes sdk-${form}-key .password None True`,
    `sync again 1`,
    `filter 400 usage`,
    `still synced 409 conflict`,
    `delete-sync /sdk/${form}/key /sdk/kv`,
    `remote gone 404 not_found`,
    `delete /sdk/${form}/key`,
    `gone 404 not_found`,
  ].map((line) => `${form} ${line}`);

it("Akeyless' own Python client keeps rotated secrets, unmodified, through the gateway", { timeout: 300_000 }, async () => {
  expect(await witness("witness_akeyless_rotation.py")).toEqual([
    ...round("plain"),
    ...round("blank"),
    "old create /sdk/old",
    "old value ['application_id', 'password', 'username']",
    "old update /sdk/old",
    "old list [7]",
    "old delete /sdk/old",
    "old static 501 unsupported",
    "own value ['azure_client_id', 'azure_client_secret', 'azure_cloud', 'azure_tenant_id']",
    "own rotated True True True",
  ]);
});
