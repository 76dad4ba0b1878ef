import { describe, expect, it } from "vitest";
import { furnished, house, identity, labCloud as lab, refused } from "../support/house.ts";

const create = { name: "/prod/app", ...identity };

describe("a target", () => {
  it("is stored, and its secret comes back from get-details alone", async () => {
    const { call } = house();
    expect(await call("target create azure", create)).toEqual({ target_id: 1 });
    expect(JSON.stringify([await call("target get", { name: "prod/app" }), await call("target list")])).not.toContain(
      identity["client-secret"],
    );
    const details = (await call("target get-details", { name: "/prod/app" })) as {
      value: { azure_target_details: Record<string, string> };
    };
    expect(details.value.azure_target_details["azure_client_secret"]).toBe(identity["client-secret"]);
  });

  it("that exists already, or has a twin, is a conflict", async () => {
    const { call } = house();
    await call("target create azure", create);
    await expect(call("target create azure", create)).rejects.toEqual(refused("conflict"));
    await expect(call("target create azure", { ...create, name: "/PROD/app" })).rejects.toEqual(refused("conflict"));
  });

  it.each([
    ["tenant-id", "x"],
    ["client-id", "not-a-guid"],
    ["client-secret", "line\n"],
    ["azure-cloud", "NoSuchCloud"],
    ["name", "/a/../b"],
  ])("with a bad %s is refused and not stored", async (field, value) => {
    const { call } = house();
    await expect(call("target create azure", { ...create, [field]: value })).rejects.toEqual(
      refused(field === "azure-cloud" ? "not_found" : "usage"),
    );
    expect(await call("target list")).toEqual({ targets: [], next_page: "" });
  });

  it("in use, or protected, is not deleted", async () => {
    const { call } = await furnished();
    await expect(call("target delete", { name: "t" })).rejects.toEqual(refused("conflict", /in use by the connector \/kv/u));
    await call("target update azure", { name: "t", delete_protection: "true" });
    await expect(call("target delete", { name: "t", "force-deletion": true })).rejects.toEqual(refused("conflict", /protected/u));
    await call("target update azure", { name: "t", "delete-protection": false });
    expect(await call("target delete", { name: "t", "force-deletion": true })).toEqual({ target_name: "/t" });
  });

  it("A4 that moves to another tenant, client or cloud needs its secret again", async () => {
    const { call } = house();
    await call("cloud register", lab);
    await call("target create azure", create);
    for (const moved of [
      { "tenant-id": "22222222-2222-4333-8444-555555555555" },
      { "client-id": "22222222-2222-4333-8444-555555555555" },
      { "azure-cloud": "lab" },
    ]) {
      await expect(call("target update azure", { name: create.name, ...moved })).rejects.toEqual(refused("usage", /needed again/u));
    }
    await call("target update azure", { name: create.name, "azure-cloud": "lab", "client-secret": "new" });
    expect(await call("target get", { name: create.name })).toMatchObject({ azure_cloud: "lab" });
  });

  it("keeps what an update leaves out, also when a client says `default_metadata`", async () => {
    const { call } = house();
    await call("target create azure", { ...create, description: "billing" });
    await call("target update azure", { name: create.name, description: "default_metadata", "subscription-id": "" });
    expect(await call("target get", { name: create.name })).toMatchObject({ comment: "billing", azure_tenant_id: identity["tenant-id"] });
  });
});

describe("a cloud", () => {
  it("is registered once, never over a built-in one, and stays while a target uses it", async () => {
    const { call } = house();
    await call("cloud register", lab);
    await expect(call("cloud register", lab)).rejects.toEqual(refused("conflict"));
    await expect(call("cloud register", { ...lab, name: "azurecloud" })).rejects.toEqual(refused("conflict", /built in/u));
    await call("target create azure", { ...create, "azure-cloud": "lab" });
    await expect(call("cloud unregister", { name: "lab" })).rejects.toEqual(refused("conflict", /in use/u));
    await call("target delete", { name: create.name });
    expect(await call("cloud unregister", { name: "lab" })).toEqual({ name: "lab" });
  });

  it.each([
    ["authority-host", "http://127.0.0.1"],
    ["authority-host", "https://user:pw@host"],
    ["key-vault-suffix", "https://vault.net"],
    ["ca-pem", "no pem"],
  ])("with a bad %s is usage", async (field, value) => {
    await expect(house().call("cloud register", { ...lab, [field]: value })).rejects.toEqual(refused("usage"));
  });

  it("A4 that now has other hosts does not get the secret given for the old ones", async () => {
    const { call } = house();
    await call("cloud register", lab);
    await call("target create azure", { ...create, "azure-cloud": "lab" });
    await call("create-usc", { name: "kv", "target-to-associate": create.name, "azure-kv-name": "vvv" });
    await call("target delete", { name: create.name, "force-deletion": true });
    await call("cloud unregister", { name: "lab" });
    await call("cloud register", { ...lab, "authority-host": "https://127.0.0.1:9" });
    await expect(call("get", { "usc-name": "kv", "secret-id": "a" })).rejects.toEqual(refused("not_found", /lost its target/u));
  });
});
