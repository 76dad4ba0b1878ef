import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { json, scriptedAzure, tenant } from "../adapters/azure/scripted-azure.ts";
import { cli } from "../support/cli.ts";

const arm = await scriptedAzure();
const foreign = await scriptedAzure();
const { usc, folder, clean } = cli();
afterAll(() => {
  arm.stop();
  foreign.stop();
  clean();
});

const states = { a: "Enabled", b: "Disabled", c: "Warned" } as const;
const idOf = (letter: string): string => `${letter.repeat(8)}-2222-4333-8444-555555555555`;
const vault = (letter: string, name: string) => ({
  id: `/subscriptions/${idOf(letter)}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${name}`,
  name,
  location: "eastus",
  properties: { tenantId: tenant, vaultUri: `https://${name}.vault.localhost:${arm.port}/` },
});
interface Answer {
  status?: number;
  value?: object[];
  nextLink?: string;
  error?: object;
}
const subscription = ([letter, state]: [string, string]) => ({ subscriptionId: idOf(letter), state });
const [first, second, third] = Object.entries(states).map(subscription);
const vaultsOf = (letter: string, page = 1): string =>
  `/arm/subscriptions/${idOf(letter)}/providers/Microsoft.KeyVault/vaults?page=${page}`;
const linkTo = (path: string): string => `${arm.origin}${path}`;

/** Pages by path; the first page of a list is where its query begins otherwise. */
let pages: Record<string, Answer>;
beforeEach(() => {
  pages = {
    "/arm/subscriptions?page=1": { value: [first, second].filter(Boolean) as object[], nextLink: linkTo("/arm/subscriptions?page=2") },
    "/arm/subscriptions?page=2": { value: [], nextLink: linkTo("/arm/subscriptions?page=3") },
    "/arm/subscriptions?page=3": { value: [third].filter(Boolean) as object[] },
    [vaultsOf("a")]: { value: [vault("a", "one")], nextLink: linkTo(vaultsOf("a", 2)) },
    [vaultsOf("a", 2)]: { value: [], nextLink: linkTo(vaultsOf("a", 3)) },
    [vaultsOf("a", 3)]: { value: [vault("a", "two")] },
    [vaultsOf("b")]: { status: 409, error: { code: "DisabledSubscription" } },
    [vaultsOf("c")]: { value: [vault("c", "three")] },
  };
  arm.seen.length = 0;
  foreign.seen.length = 0;
});
arm.scripts.vault = ({ path }, response) => {
  const { status = 200, ...body } = pages[path.replace(/\?api-version=[\d-]+$/u, "?page=1")] ?? { status: 500 };
  json(response, status, body);
};
beforeAll(async () => {
  const ca = join(folder, "ca.pem");
  writeFileSync(ca, arm.vault.cloud["ca-pem"] ?? "");
  const { "ca-pem": _, "arm-endpoint": __, name: ___, ...hosts } = arm.vault.cloud;
  const flags = Object.entries(hosts).flatMap(([flag, text]) => [`--${flag}`, String(text)]);
  const cloud = await usc(["cloud", "register", "--name", "arm", ...flags, "--arm-endpoint", `${arm.origin}/arm`, "--ca-file", ca]);
  const ids = ["--tenant-id", tenant, "--client-id", idOf("d"), "--client-secret-file", "-"];
  const target = await usc(["target", "create", "azure", "--name", "t", "--azure-cloud", "arm", ...ids], { input: "s3cret" });
  expect([cloud.stderr, target.stderr]).toEqual(["", ""]);
});
const fetchVaults = (...more: string[]) => usc(["fetch-vaults", "--target-name", "t", ...more]);
const namesIn = (ran: { json: Record<string, unknown> }): string[] => (ran.json["vaults"] as { name: string }[]).map(({ name }) => name);
const refused = {
  status: 403,
  error: { code: "AuthorizationFailed", message: "The client 'x' may not read over scope '/subscriptions/y'." },
};

describe("usc fetch-vaults over several subscriptions", () => {
  it("follows every page, also past empty ones, and does not ask a disabled subscription", async () => {
    const ran = await fetchVaults();
    expect([ran.exit, ran.stderr, namesIn(ran)]).toEqual([0, "", ["one", "two", "three"]]);
    expect(arm.seen.filter(({ path }) => path.includes(idOf("b")))).toEqual([]);
  });

  it("tells one that refuses on stderr in ARM's words, and shows the vaults of the others", async () => {
    pages[vaultsOf("a")] = refused;
    const ran = await fetchVaults();
    expect([ran.exit, namesIn(ran)]).toEqual([0, ["three"]]);
    expect(ran.stderr).toContain("AuthorizationFailed: The client 'x' may not read over scope '/subscriptions/y'.");
  });

  it("is forbidden, with ARM's code and message, if all refuse", async () => {
    pages[vaultsOf("a")] = refused;
    pages[vaultsOf("c")] = refused;
    const ran = await fetchVaults();
    expect([ran.exit, ran.stdout, ran.failure.code]).toEqual([6, "", "forbidden"]);
    expect(ran.failure.error).toContain("AuthorizationFailed: The client 'x' may not read over scope '/subscriptions/y'.");
  });

  it.each([
    [
      "of subscriptions",
      () => (pages["/arm/subscriptions?page=2"] = { value: [], nextLink: `${foreign.origin}/arm/subscriptions?page=3` }),
    ],
    ["of vaults", () => (pages[vaultsOf("a", 2)] = { value: [], nextLink: `${foreign.origin}${vaultsOf("a", 3)}` })],
  ])("A1 a list %s that goes on at another host is refused, and that host hears nothing", async (_, lead) => {
    lead();
    const ran = await fetchVaults();
    expect([ran.exit, ran.stdout, ran.failure.code]).toEqual([7, "", "unavailable"]);
    expect(ran.failure.error).toContain(`goes on at 127.0.0.1:${foreign.port}, which is not Azure Resource Manager; it was not followed.`);
    expect([foreign.connections(), foreign.seen]).toEqual([0, []]);
  });
});
