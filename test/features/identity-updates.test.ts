import { describe, expect, it } from "vitest";
import { connectionTypes, targets } from "../../src/features/targets/model.ts";
import { refused } from "../support/house.ts";
import { foreign, guid, ids, resource, stored, valueOf, whole } from "../support/identity-fields.ts";

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

  it.each(foreign)("of a target whose type is %s takes no --%s, and changes nothing", async (type, field) => {
    const { update, details } = await stored(type);
    const before = await details();
    await expect(update({ [field]: valueOf(field), description: "changed" })).rejects.toEqual(
      refused("usage", new RegExp(`^--${field} belongs to --connection-type .*, and this target's type is ${type}\\.$`, "u")),
    );
    expect(await details()).toEqual(before);
  });
});
