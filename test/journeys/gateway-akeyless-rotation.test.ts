import { afterAll, expect, it } from "vitest";
import { describe as manifestOf } from "../../src/describe.ts";
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

/** Of the secret that the target logs in with. */
async function ownKeyId(): Promise<string> {
  const { applications } = (await lab.control("/applications")) as { applications: { app_id: string; secrets: { key_id: string }[] }[] };
  return applications.find(({ app_id }) => app_id === lab.ready.client_id)?.secrets[0]?.key_id ?? "";
}

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
    `given /sdk/${form}/key True 3`,
    `no more 404 not_found True`,
    `custom [('owner', 'me')]`,
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

const words = (text: string): string[] => text.trim().split(/\s+/u);

/** What its update knows and usc takes, or refuses by name. */
const known = words(`
  name new-name description add-tag rm-tag item-custom-fields delete_protection key
  api-id api-key password keep-prev-version skip-dry-run authentication-credentials
  application-id username storage-account-key-name explicitly-set-sa resource-group-name resource-name
  auto-rotate rotation-interval rotation-hour rotation-event-in max-versions
  grace-rotation grace-rotation-interval grace-rotation-hour grace-rotation-timing
  password-length use-capital-letters use-lower-letters use-numbers use-special-characters
`);
/** What belongs to the client itself, and to its product's guarded sessions, locks and agents. */
const ignored = words(`
  token uid-token json ara-enabled enable-agentic-runtime-authority enable-ai-quorum input-rule output-rule
  lock-during-sra-session lock-on-read lock-ttl rotate-after-disconnect rotate-on-unlock
  secure-access-disable-concurrent-connections secure-access-enable secure-access-url
  secure-access-web secure-access-web-browsing secure-access-web-proxy
`);

it("usc's own update has all of the client's fields that say something of a rotated secret, and none of the others", async () => {
  const update = (await manifestOf()).find(({ name }) => name === "rotated-secret update azure");
  const names = update?.fields.flatMap(({ name, aliases = [] }) => [name, name.replaceAll("-", "_"), ...aliases]) ?? [];
  expect(known.filter((field) => !names.includes(field))).toEqual([]);
  expect(ignored.filter((field) => names.includes(field))).toEqual([]);
});

it("Akeyless' own Python client keeps rotated secrets, unmodified, through the gateway", { timeout: 300_000 }, async () => {
  expect(await witness("witness_akeyless_rotation.py", { WITNESS_KEY_ID: await ownKeyId() })).toEqual([
    ...round("plain"),
    ...round("blank"),
    `fields ${[...known, ...ignored].sort().join(" ")}`,
    "old create /sdk/old",
    "old value ['application_id', 'password', 'username']",
    "old update /sdk/old",
    "old given /sdk/old True",
    "old list [7]",
    "old delete /sdk/old",
    "old static 501 unsupported",
    "own value ['azure_client_id', 'azure_client_secret', 'azure_cloud', 'azure_tenant_id']",
    "own rotated True True True",
  ]);
});
