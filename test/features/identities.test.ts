import { describe, expect, it } from "vitest";
import { builtInClouds, originOf } from "../../src/features/targets/clouds.ts";
import { connectionTypes, targets } from "../../src/features/targets/model.ts";
import { p256 } from "../emulator/openssl.ts";
import { house, refused } from "../support/house.ts";
import { foreign, guid, ids, pair, stored, tool, valueOf, whole } from "../support/identity-fields.ts";

const ec = tool.pair("ec", "/CN=app", ...p256);
const pfx = tool.pfx("rsa", "word").toString("base64");

describe("a target of each connection type", () => {
  it.each(connectionTypes)("%s is stored with its own fields, and told", async (type) => {
    const { call, details } = await stored(type);
    expect(await call("target get", { name: "t" })).toMatchObject({ connection_type: type });
    const told = await details();
    expect(told).toMatchObject({ connection_type: type, use_gw_cloud_identity: type === "managed-identity" });
    const shown = Object.keys(told).filter(
      (key) => !/^(?:azure_cloud|connection_type|use_gw_cloud_identity)$/u.test(key) && told[key] !== undefined,
    );
    expect(shown.sort()).toEqual(
      Object.keys(whole[type])
        .map((field) => `azure_${field.replaceAll("-", "_")}`)
        .sort(),
    );
  });

  it.each(
    connectionTypes
      .flatMap((type) => Object.keys(whole[type]).map((field) => [type, field] as const))
      .filter(([type]) => type !== "managed-identity"),
  )("%s without --%s is usage", async (type, field) => {
    const { [field]: _, ...rest } = whole[type];
    await expect(house().call("target create azure", { name: "t", "connection-type": type, ...rest })).rejects.toEqual(
      refused("usage", new RegExp(`^--${field} is missing\\.$`, "u")),
    );
  });

  it.each(foreign)("%s takes no --%s, which belongs elsewhere", async (type, field) => {
    await expect(
      house().call("target create azure", { name: "t", "connection-type": type, ...whole[type], [field]: valueOf(field) }),
    ).rejects.toEqual(
      refused("usage", new RegExp(`^--${field} belongs to --connection-type .*, and this target's type is ${type}\\.$`, "u")),
    );
  });

  it("cloud-identity and -i are managed-identity; -i beside another type is usage", async () => {
    const { call } = house();
    await call("target create azure", { name: "a", "connection-type": "cloud-identity" });
    await call("target create azure", { name: "b", "use-gw-cloud-identity": true });
    for (const name of ["a", "b"]) expect(await call("target get", { name })).toMatchObject({ connection_type: "managed-identity" });
    await expect(
      call("target create azure", { name: "c", "use-gw-cloud-identity": "true", "connection-type": "azure-cli" }),
    ).rejects.toEqual(refused("usage", /exclude each other/u));
    await call("target create azure", { name: "d", "use-gw-cloud-identity": "false", ...whole.credentials });
  });

  it("of an earlier usc has no type, and means credentials", async () => {
    const { call, store } = house();
    const [cloud] = builtInClouds;
    if (cloud === undefined) throw new Error("no cloud");
    const old = {
      id: 1,
      name: "/old",
      ...ids,
      "client-secret": "s3cret~value",
      "azure-cloud": "AzureCloud",
      // Login, suffix and audience were all that it knew of a cloud.
      origin: originOf(cloud).split(" ").slice(0, 3).join(" "),
      tags: [],
      "delete-protection": false,
      "created-at": "2026-01-01T00:00:00Z",
      "modified-at": "2026-01-01T00:00:00Z",
    };
    await store.commit([store.collection(targets).put("/old", old)]);
    expect(await call("target get", { name: "old" })).toMatchObject({ connection_type: "credentials" });
    await call("target test", { name: "old" });
    await call("fetch-vaults", { "target-name": "old" });
    await call("target update azure", { name: "old", "client-secret": "new" });
    expect((await store.collection(targets).get("/old"))?.value).toMatchObject({
      "connection-type": "credentials",
      origin: originOf(cloud),
    });
  });
});

describe("what is typed is checked", () => {
  it.each([
    [{ "connection-type": "azure-cli", "tenant-id": "x" }, /GUID/u],
    [{ "connection-type": "password" }, /expected one of credentials, certificate/u],
    [{ ...whole["workload-identity"], "connection-type": "workload-identity", "federated-token-file": "token" }, /absolute path/u],
    [{ "connection-type": "managed-identity", "managed-identity-resource-id": "/subscriptions/x" }, /resource-id is not valid/u],
    [
      { "connection-type": "managed-identity", "managed-identity-client-id": guid, "managed-identity-object-id": guid },
      /exclude each other/u,
    ],
    [{ "connection-type": "managed-identity", "client-id": guid }, /--client-id belongs to/u],
  ])("%j is usage", async (input, sentence) => {
    await expect(house().call("target create azure", { name: "t", ...input })).rejects.toEqual(refused("usage", sentence));
  });

  it.each([
    ["without its key", pair.certificate, undefined, /key/u],
    ["whose password is wrong", pfx, "canary-word", /password/iu],
    [
      "with a key of another kind",
      ec.key + ec.certificate,
      undefined,
      /key is EC with 256 bits; Entra takes RSA keys of 2048 bits or more/u,
    ],
    ["with another's key", tool.pair("other", "/CN=other").key + pair.certificate, undefined, /key/u],
    ["that is none", "canary-text", undefined, /./u],
  ])("a certificate %s is usage, and never quoted", async (_, certificate, password, sentence) => {
    const input = { name: "t", "connection-type": "certificate", ...ids, "client-certificate": certificate };
    const failure: unknown = await house()
      .call("target create azure", { ...input, ...(password === undefined ? {} : { "client-certificate-password": password }) })
      .catch((error: unknown) => error);
    expect(failure).toEqual(refused("usage", sentence));
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(/canary|MII/u);
  });

  it("a PFX is kept as PEM, and its password is not", async () => {
    const { details, store } = await stored("certificate", { "client-certificate": pfx, "client-certificate-password": "word" });
    const { azure_client_certificate: kept } = await details();
    expect(kept).toMatch(/^-----BEGIN CERTIFICATE-----[^]+-----BEGIN PRIVATE KEY-----[^]+-----END PRIVATE KEY-----\n$/u);
    expect(JSON.stringify((await store.collection(targets).get("/t"))?.value)).not.toContain('"word"');
  });
});

describe("fetch-vaults", () => {
  const vault = {
    name: "kv",
    url: "https://kv.vault.azure.net",
    resourceGroup: "rg",
    subscription: guid,
    location: "eastus",
    tenant: ids["tenant-id"],
    rbac: true,
    purgeProtection: false,
    softDeleteDays: 90,
  };

  it("asks for all subscriptions, for the target's own, or for the one given", async () => {
    const { call, arm, update } = await stored("credentials");
    arm.vaults[guid] = [vault, { ...vault, name: "other", purgeProtection: true }];
    expect(await call("fetch-vaults", { "target-name": "t", "max-retries": 1 })).toEqual({
      vaults: [
        {
          name: "kv",
          vault_url: "https://kv.vault.azure.net",
          resource_group: "rg",
          subscription_id: guid,
          location: "eastus",
          tenant_id: ids["tenant-id"],
          rbac: true,
          purge_protection: false,
          soft_delete_days: 90,
        },
        expect.objectContaining({ name: "other", purge_protection: true }),
      ],
    });
    await update({ "subscription-id": guid });
    await call("fetch-vaults", { "target-name": "t" });
    await call("fetch-vaults", { "target-name": "t", "subscription-id": ids["tenant-id"] });
    expect(arm.seen).toEqual(["/t in AzureCloud: all 1", `/t in AzureCloud: ${guid} -`, `/t in AzureCloud: ${ids["tenant-id"]} -`]);
  });

  it("a subscription that may not be seen is told, and hides no other", async () => {
    const { call, arm, told } = await stored("credentials");
    arm.vaults["one"] = [];
    arm.vaults[guid] = [vault];
    arm.refused.add("one");
    expect(await call("fetch-vaults", { "target-name": "t" })).toMatchObject({ vaults: [{ name: "kv" }] });
    expect(told).toEqual(["ARM refused one."]);
  });
});
