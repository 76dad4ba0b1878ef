import { describe, expect, it } from "vitest";
import { builtInClouds, originOf } from "../../src/features/targets/clouds.ts";
import { connectionTypes, targets } from "../../src/features/targets/model.ts";
import { opensslFolder, p256 } from "../emulator/openssl.ts";
import { house, refused } from "../support/house.ts";

const tool = opensslFolder();
const pair = tool.pair("rsa", "/CN=app");
const ec = tool.pair("ec", "/CN=app", ...p256);
const pem = pair.key + pair.certificate;
const pfx = tool.pfx("rsa", "word").toString("base64");
const guid = "22222222-2222-4333-8444-555555555555";
const ids = { "tenant-id": "11111111-2222-4333-8444-555555555555", "client-id": "66666666-7777-4888-9999-aaaaaaaaaaaa" };
const resource =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one";

/** A whole set of fields for each type. */
const whole: Record<(typeof connectionTypes)[number], Record<string, string>> = {
  credentials: { ...ids, "client-secret": "s3cret~value" },
  certificate: { ...ids, "client-certificate": pem },
  "workload-identity": { ...ids, "federated-token-file": "/var/run/secrets/token" },
  "managed-identity": { "managed-identity-client-id": guid },
  "azure-cli": {},
  environment: {},
};
const lab = {
  name: "lab",
  "authority-host": "https://127.0.0.1:8443",
  "key-vault-suffix": "vault.localhost:8443",
  "graph-endpoint": "https://127.0.0.1:8443/g",
  "arm-endpoint": "https://127.0.0.1:8443/a",
};

async function stored(type: string, more: Record<string, unknown> = {}) {
  const made = house();
  await made.call("cloud register", lab);
  const fields = whole[type as keyof typeof whole] ?? {};
  await made.call("target create azure", { name: "t", "connection-type": type, ...fields, ...more });
  const update = (input: Record<string, unknown>) => made.call("target update azure", { name: "t", ...input });
  const details = async (): Promise<Record<string, unknown>> => {
    const { value } = (await made.call("target get-details", { name: "t" })) as {
      value: { azure_target_details: Record<string, unknown> };
    };
    return value.azure_target_details;
  };
  return { ...made, update, details };
}

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

  const foreign = connectionTypes.flatMap((type) =>
    [...new Set(connectionTypes.flatMap((other) => Object.keys(whole[other])))]
      .filter((field) => !(field in whole[type]) && field !== "tenant-id")
      .map((field) => [type, field] as const),
  );
  it.each(foreign)("%s takes no --%s, which belongs elsewhere", async (type, field) => {
    const value = Object.values(whole).find((fields) => field in fields)?.[field];
    await expect(
      house().call("target create azure", { name: "t", "connection-type": type, ...whole[type], [field]: value }),
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

describe("A4 what was given for one place is not sent to another", () => {
  it.each([
    ["credentials", "client-secret"],
    ["certificate", "client-certificate"],
    ["workload-identity", "federated-token-file"],
  ] as const)("%s: another tenant, client or cloud needs --%s again", async (type, proof) => {
    const { update, call } = await stored(type);
    for (const moved of [{ "tenant-id": guid }, { "client-id": guid }, { "azure-cloud": "lab" }]) {
      await expect(update(moved)).rejects.toEqual(refused("usage", new RegExp(`so --${proof} is needed again`, "u")));
    }
    await update({ "azure-cloud": "lab", [proof]: whole[type][proof] });
    expect(await call("target get", { name: "t" })).toMatchObject({ azure_cloud: "lab", connection_type: type });
    await update({ description: "no move", "tenant-id": ids["tenant-id"] });
  });

  it.each(connectionTypes)("%s: a cloud that has other hosts by now gets nothing until the target is stored again", async (type) => {
    const { call, update, store } = await stored(type, { "azure-cloud": "lab" });
    const collection = store.collection(targets);
    const record = (await collection.get("/t"))?.value;
    if (record === undefined) throw new Error("no record");
    for (const origin of [record.origin.replace("8443", "9"), record.origin.replace(/[^ ]+$/u, "https://evil.example")]) {
      await store.commit([collection.put("/t", { ...record, origin })]);
      for (const [verb, input] of [
        ["target test", { name: "t" }],
        ["fetch-vaults", { "target-name": "t" }],
      ] as const) {
        await expect(call(verb, input)).rejects.toEqual(refused("conflict", /other hosts/u));
      }
    }
    const failure = (await call("target test", { name: "t" }).catch((error: unknown) => error)) as { details: { hint: string } };
    const [, flag = ""] = / --([a-z-]+) [A-Za-z]+$/u.exec(failure.details.hint) ?? [];
    const field = flag.replace(/(secret|certificate)-file$/u, "$1");
    await update({ [field]: whole[type][field] ?? "lab" });
    await call("target test", { name: "t" });
  });

  it("a record of an earlier usc in a registered cloud opens vaults, and asks to be stored again before ARM gets its token", async () => {
    const { call, update, store } = await stored("credentials", { "azure-cloud": "lab" });
    const collection = store.collection(targets);
    const record = (await collection.get("/t"))?.value;
    if (record === undefined) throw new Error("no record");
    await store.commit([collection.put("/t", { ...record, origin: record.origin.split(" ").slice(0, 3).join(" ") })]);
    await call("target test", { name: "t" });
    await expect(call("fetch-vaults", { "target-name": "t" })).rejects.toEqual(refused("conflict", /other hosts/u));
    await update({ "client-secret": "s3cret~value" });
    await call("fetch-vaults", { "target-name": "t" });
  });
});

describe("an update", () => {
  it.each(connectionTypes.flatMap((from) => connectionTypes.filter((to) => to !== from).map((to) => [from, to] as const)))(
    "from %s to %s needs what the new type needs, and leaves nothing of the old one",
    async (from, to) => {
      const { update, details } = await stored(from);
      const proof = Object.keys(whole[to]).find((field) => !(field in ids) && to !== "managed-identity");
      if (proof !== undefined) {
        const { [proof]: _, ...lacking } = whole[to];
        await expect(update({ "connection-type": to, ...lacking })).rejects.toEqual(refused("usage", /is missing/u));
      }
      await update({ "connection-type": to, ...whole[to] });
      const told = await details();
      expect(told["connection_type"]).toBe(to);
      for (const field of Object.keys(whole[from]).filter((each) => !(each in whole[to]) && each !== "tenant-id")) {
        expect(told[`azure_${field.replaceAll("-", "_")}`], field).toBeUndefined();
      }
    },
  );

  it("names another of the machine's identities, or by the bare type the machine's own", async () => {
    const { update, details } = await stored("managed-identity");
    await update({ "managed-identity-resource-id": resource });
    expect(await details()).toMatchObject({ azure_managed_identity_resource_id: resource });
    expect((await details())["azure_managed_identity_client_id"]).toBeUndefined();
    await update({ "tenant-id": guid });
    expect(await details()).toMatchObject({ azure_managed_identity_resource_id: resource, azure_tenant_id: guid });
    await update({ "connection-type": "managed-identity" });
    expect((await details())["azure_managed_identity_resource_id"]).toBeUndefined();
  });

  it("a password without its certificate opens nothing", async () => {
    const { update } = await stored("certificate");
    await expect(update({ "client-certificate-password": "x" })).rejects.toEqual(refused("usage", /--client-certificate is missing/u));
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
