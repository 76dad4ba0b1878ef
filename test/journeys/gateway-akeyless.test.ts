import { afterAll, expect, it } from "vitest";
import { opensslFolder } from "../emulator/openssl.ts";
import { akeylessClient } from "../support/akeyless-client.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
const tool = opensslFolder();
const gateway = await gatewayOver(lab);
afterAll(async () => {
  await gateway.stop();
  await lab.stop();
});
const witness = await akeylessClient(lab.ready, gateway);

/** What the client prints of one round: with the fields that are needed, and with an empty text in all the others. */
const round = (form: string): string[] =>
  [
    `target True`,
    `target-get /sdk/${form}/target azure`,
    `details True lab`,
    `targets ['/sdk/${form}/target']`,
    `usc /sdk/${form}/kv`,
    `create True 32`,
    `get plain text False {'team': 'a'} 2033-01-02 03:04:05+00:00`,
    `update sdk-${form} True`,
    `version plain text`,
    `binary True True`,
    `list [('sdk-${form}', True, True), ('sdk-${form}-bin', True, True)]`,
    `pem 2 True`,
    `pfx 2 True`,
    `certificates [('sdk-${form}-pem', 40), ('sdk-${form}-pfx', 40)]`,
    `describe /sdk/${form}/kv USC demo`,
    `metadata said by the old name`,
    `tags ['b']`,
    `items ['/sdk/${form}/kv']`,
    `deleted ['sdk-${form}', 'sdk-${form}-bin']`,
    `deleted ['sdk-${form}-pem', 'sdk-${form}-pfx']`,
    `absent 404 not_found`,
    `item gone 404 not_found`,
    `target gone 404 not_found`,
  ].map((line) => `${form} ${line}`);

/** The same by the paths that clients used some years ago. */
const legacy = [
  "target True",
  "target-get second",
  "details credentials",
  "targets ['/sdk/old']",
  "create True",
  "get second",
  "list True",
  "delete sdk-old",
  "target gone 404 not_found",
];

it("Akeyless' own Python client works unmodified against the gateway", { timeout: 300_000 }, async () => {
  const { key, certificate } = tool.pair("site", "/CN=site.example");
  tool.write("site.pem", key + certificate);
  tool.run("pkcs12", "-export", "-in", tool.path("site.pem"), "-out", tool.path("site.pfx"), "-passout", "pass:witness");
  const files = { WITNESS_PEM: tool.path("site.pem"), WITNESS_PFX: tool.path("site.pfx") };
  expect(await witness("witness_akeyless.py", files)).toEqual([
    "auth True",
    "auth api_key True",
    "auth wrong 401 gateway_unauthenticated",
    "validate True",
    ...round("plain"),
    ...round("blank"),
    ...legacy.map((line) => `old ${line}`),
    "caller 44",
    "caller shown /sdk/ci",
    "role read /prod/* /sdk/ci",
    "role taken []",
    "caller deleted /sdk/ci",
    "no token 401 gateway_unauthenticated",
  ]);
});
