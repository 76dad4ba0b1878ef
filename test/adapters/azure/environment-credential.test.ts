import { describe, expect, it } from "vitest";
import { environmentCredential } from "../../../src/adapters/azure/environment-credential.ts";
import { builtInClouds } from "../../../src/features/targets/clouds.ts";
import type { Cloud, Target } from "../../../src/features/targets/model.ts";

const tenant = "11111111-2222-4333-8444-555555555555";
const client = "66666666-2222-4333-8444-555555555555";
const values = {
  AZURE_TENANT_ID: tenant,
  AZURE_CLIENT_ID: client,
  AZURE_CLIENT_SECRET: "canary-secret",
  AZURE_CLIENT_CERTIFICATE_PATH: "/c.pem",
  AZURE_CLIENT_CERTIFICATE_PASSWORD: "canary-password",
  AZURE_FEDERATED_TOKEN_FILE: "/token",
};
const names = Object.keys(values) as (keyof typeof values)[];
const stamp = "2026-01-01T00:00:00Z";
const target: Target = {
  id: 1,
  name: "/t",
  "connection-type": "environment",
  "azure-cloud": "AzureCloud",
  origin: "",
  tags: [],
  "delete-protection": false,
  "created-at": stamp,
  "modified-at": stamp,
};
const cloudNamed = (name: string): Cloud => {
  const found = builtInClouds.find((cloud) => cloud.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const cloud = cloudNamed("AzureCloud");

/** Every subset of the six variables. */
const subsets = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_name, index) => (bits >> index) % 2 === 1));
const proofs = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"];
const types: Record<string, string> = {
  AZURE_CLIENT_SECRET: "credentials",
  AZURE_CLIENT_CERTIFICATE_PATH: "certificate",
  AZURE_FEDERATED_TOKEN_FILE: "workload-identity",
};

describe("of all 64 sets of AZURE_* variables", () => {
  it.each(subsets.map((set) => [set.map((name) => name.slice(6)).join(" ") || "none", set] as const))("%s", (_, set) => {
    const environment = Object.fromEntries(set.map((name) => [name, values[name]]));
    const given = proofs.filter((name) => set.some((each) => each === name));
    const hasIds = set.includes("AZURE_TENANT_ID") && set.includes("AZURE_CLIENT_ID");
    const strayPassword = set.includes("AZURE_CLIENT_CERTIFICATE_PASSWORD") && given[0] !== "AZURE_CLIENT_CERTIFICATE_PATH";
    const act = () => environmentCredential(target, cloud, environment);
    if (given.length === 1 && hasIds && !strayPassword) {
      expect(act()).toMatchObject({ type: types[given[0] ?? ""], tenant, client });
      return;
    }
    const failure = caught(act);
    expect(failure).toMatchObject({
      code: "usage",
      message: expect.stringMatching(/^The environment does not say who the target \/t is: /u),
    });
    const { message } = failure as Error;
    // It names what is in excess, or all that is missing.
    if (given.length > 1) for (const name of given) expect(message).toContain(name);
    else {
      for (const name of ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]) if (!set.some((each) => each === name)) expect(message).toContain(name);
      if (given.length === 0) expect(message).toContain(`one of ${proofs.join(", ")}`);
    }
    expect(message).not.toMatch(/canary/u);
  });
});

it.each([
  ["https://login.microsoftonline.com", "AzureCloud", true],
  ["https://login.microsoftonline.com/", "AzureCloud", true],
  ["https://login.windows.net", "AzureCloud", true],
  ["https://login.partner.microsoftonline.cn", "AzureChinaCloud", true],
  ["https://login.microsoftonline.us", "AzureCloud", false],
  ["https://login.microsoftonline.com", "AzureUSGovernment", false],
  ["https://evil.example", "AzureCloud", false],
  ["login.microsoftonline.com", "AzureCloud", false],
])("AZURE_AUTHORITY_HOST=%s in %s is taken: %s, and changes nothing", (authority, name, taken) => {
  const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = values;
  const environment = { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_AUTHORITY_HOST: authority };
  const act = () => environmentCredential(target, cloudNamed(name), environment);
  if (taken) expect(act()).toEqual({ type: "credentials", tenant, client, secret: "canary-secret" });
  else expect(caught(act)).toMatchObject({ code: "usage", message: expect.stringContaining("AZURE_AUTHORITY_HOST is not the login host") });
});

it("an id that is none, and a tenant that is not the target's, are usage", () => {
  const { AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = values;
  const environment = { AZURE_TENANT_ID: "contoso/../x", AZURE_CLIENT_ID, AZURE_CLIENT_SECRET };
  expect(caught(() => environmentCredential(target, cloud, environment))).toMatchObject({ code: "usage" });
  const other = { ...target, "tenant-id": client };
  expect(caught(() => environmentCredential(other, cloud, { ...environment, AZURE_TENANT_ID: tenant }))).toMatchObject({
    code: "usage",
    message: expect.stringContaining(`AZURE_TENANT_ID is not the target's tenant ${client}`),
  });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
