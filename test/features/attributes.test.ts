import { describe, expect, it } from "vitest";
import { furnished, refused } from "../support/house.ts";

const future = "2030-01-01T00:00:00Z";

async function withSecret(more: Record<string, unknown> = {}) {
  const made = await furnished();
  await made.object("create", { "secret-name": "s", value: "1", tags: { a: "1", b: "2" }, "content-type": "t", ...more });
  made.vault.seen.length = 0;
  const latest = () => made.vault.live.get("s")?.at(-1);
  return { ...made, latest };
}

describe("update with a value", () => {
  it("carries content type, tags, enabled and a future expiry over", async () => {
    const { object, latest } = await withSecret({ "remote-secret-expires": future });
    await object("update", { "secret-id": "s", value: "2" });
    expect(latest()).toMatchObject({ value: "2", contentType: "t", tags: { a: "1", b: "2" }, enabled: true, expires: Date.parse(future) });
  });

  it("does not carry a past expiry, and says so", async () => {
    const { object, latest } = await withSecret({ "remote-secret-expires": "2020-01-01T00:00:00Z" });
    const answer = await object("update", { "secret-id": "s", value: "2" });
    expect(answer["warnings"]).toEqual(["The expiry 2020-01-01T00:00:00Z is past and was not carried to the new version."]);
    expect(latest()).not.toHaveProperty("expires");
  });

  it("--tags replaces the tags it names, --remove-tag removes, other flags replace", async () => {
    const { object, latest } = await withSecret();
    await object("update", { "secret-id": "s", value: "2", tags: { a: "9" }, "remove-tag": ["b"], "content-type": "u", enabled: false });
    expect(latest()).toMatchObject({ tags: { a: "9" }, contentType: "u", enabled: false });
  });

  it("--replace-attributes takes nothing over", async () => {
    const { object, latest } = await withSecret();
    await object("update", { "secret-id": "s", value: "2", "replace-attributes": true });
    expect(latest()).toMatchObject({ tags: {}, enabled: true });
    expect(latest()).not.toHaveProperty("contentType");
  });

  it("reads the attributes from the versions where the value may not be read", async () => {
    const { object, vault, latest } = await withSecret();
    vault.switches.forbidGet = true;
    await object("update", { "secret-id": "s", value: "2" });
    expect(latest()).toMatchObject({ value: "2", tags: { a: "1", b: "2" } });
  });

  it("of a disabled secret keeps it disabled", async () => {
    const { object, latest } = await withSecret({ enabled: false });
    await object("update", { "secret-id": "s", value: "2" });
    expect(latest()).toMatchObject({ value: "2", enabled: false });
  });

  it("together with a version is usage", async () => {
    const { object, latest } = await withSecret();
    const version = latest()?.version ?? "";
    await expect(object("update", { "secret-id": `s/${version}`, value: "2" })).rejects.toEqual(refused("usage"));
  });
});

describe("update without a value", () => {
  it("changes attributes in place: no new version", async () => {
    const { object, vault, latest } = await withSecret();
    const before = latest()?.version;
    expect(await object("update", { "secret-id": "s", enabled: false, "remote-secret-expires": future })).toMatchObject({
      version_id: before,
    });
    expect(vault.seen).toEqual(["change s"]);
    expect(latest()).toMatchObject({ enabled: false, expires: Date.parse(future), tags: { a: "1", b: "2" } });
  });

  it("keeps the tags that are not named, although Key Vault takes them as one set", async () => {
    const { object, latest } = await withSecret();
    await object("update", { "secret-id": "s", tags: { c: "3" }, "remove-tag": ["a"] });
    expect(latest()?.tags).toEqual({ b: "2", c: "3" });
  });

  it("of an older version leaves the latest", async () => {
    const { object, vault } = await withSecret();
    await object("update", { "secret-id": "s", value: "2" });
    const [first, second] = vault.live.get("s") ?? [];
    await object("update", { "secret-id": "s", "version-id": first?.version, enabled: false });
    expect([first?.enabled, second?.enabled]).toEqual([false, true]);
  });

  it("and without an attribute is usage", async () => {
    const { object } = await withSecret();
    await expect(object("update", { "secret-id": "s" })).rejects.toEqual(refused("usage", /nothing to change/u));
  });
});

describe("versions", () => {
  it("come newest first, whatever Azure's order", async () => {
    const { object } = await withSecret();
    for (const value of ["2", "3"]) await object("update", { "secret-id": "s", value });
    const { versions } = (await object("versions", { "secret-id": "s" })) as { versions: { version_id: string; created: string }[] };
    expect(versions.map(({ version_id }) => Number.parseInt(version_id, 16))).toEqual([3, 2, 1]);
    expect(versions[0]).toMatchObject({ status: true, type: "t", created: "2023-11-14T22:13:23Z" });
  });

  it("of an unknown name are not_found", async () => {
    const { object } = await furnished();
    await expect(object("versions", { "secret-id": "no" })).rejects.toEqual(refused("not_found"));
  });
});
