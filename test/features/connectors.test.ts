import { describe, expect, it } from "vitest";
import { furnished, refused } from "../support/house.ts";

describe("a connector", () => {
  it("is created with the documented answer and described as an item", async () => {
    const { call } = await furnished();
    const made = await call("create-usc", { name: "prod/kv", "target-to-associate": "/t", "azure-kv-name": "my-vault", tag: ["a"] });
    expect(made).toEqual({ universal_secrets_connector_id: 2, universal_secrets_connector_name: "/prod/kv" });
    expect(await call("describe-item", { name: "/prod/kv" })).toMatchObject({
      item_type: "USC",
      vault_url: "https://my-vault.vault.azure.net",
      item_targets_assoc: [{ target_name: "/t", target_type: "azure", attributes: { azure_vault: "my-vault" } }],
    });
  });

  it.each([
    [{}, "usage"],
    [{ "azure-kv-name": "a-b", "azure-kv-url": "https://a-b.vault.azure.net" }, "usage"],
    [{ "azure-kv-name": "bad_name" }, "usage"],
    [{ "azure-kv-url": "https://a-b.vault.azure.net.evil.com" }, "usage"],
    [{ "azure-kv-name": "my-vault", "target-to-associate": "nobody" }, "not_found"],
    [{ "azure-kv-name": "my-vault", name: "kv" }, "conflict"],
  ])("with %j is %s", async (input, code) => {
    const { call } = await furnished();
    await expect(call("create-usc", { name: "new", "target-to-associate": "t", ...input })).rejects.toEqual(refused(code));
  });

  it("changes its tags and name, and keeps its vault", async () => {
    const { call } = await furnished();
    await call("update-item", { name: "kv", "add-tag": ["a", "b"] });
    await call("update-item", { name: "kv", "rm-tag": "a", "new-name": "/live/kv" });
    expect(await call("get-tags", { name: "live/kv" })).toEqual({ tags: ["b"] });
    await expect(call("describe-item", { name: "kv" })).rejects.toEqual(refused("not_found"));
  });

  it("moves with its folder, whole or not at all", async () => {
    const { call } = await furnished();
    for (const name of ["/a/x", "/a/b/y", "/c/x"])
      await call("create-usc", { name, "target-to-associate": "t", "azure-kv-name": "my-vault" });
    await expect(call("move-objects", { source: "/a", target: "/c" })).rejects.toEqual(refused("conflict"));
    expect(await call("describe-item", { name: "/a/b/y" })).toMatchObject({ item_name: "/a/b/y" });
    await call("move-objects", { source: "/a", target: "/d" });
    const listed = (await call("list-items", { path: "/d" })) as { items: { item_name: string }[]; folders: string[] };
    expect(listed.items.map((item) => item.item_name)).toEqual(["/d/b/y", "/d/x"]);
    expect(listed.folders).toEqual(["/d/b"]);
  });

  it("protected stays; deleted leaves the vault untouched", async () => {
    const { call, vault } = await furnished();
    await call("update-item", { name: "kv", delete_protection: "true" });
    await expect(call("delete-item", { name: "kv" })).rejects.toEqual(refused("conflict"));
    await call("update-item", { name: "kv", delete_protection: "false" });
    expect(await call("delete-item", { name: "kv" })).toEqual({ item_id: 1, item_name: "/kv" });
    expect(vault.seen).toEqual([]);
  });
});
