import { describe, expect, it } from "vitest";
import { furnished, refused } from "../support/house.ts";

const b64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");

describe("a value", () => {
  const values = ["", "-", "--flag", "@x", "line\r\nend\r\n", "\n", "emoji \u{1f511}", "\ufeffbom", "a\u0000b", "x".repeat(25_600)];
  it.each(values.map((value) => [JSON.stringify(value).slice(0, 20), value]))("%s comes back exactly", async (_, value) => {
    const { object } = await furnished();
    await object("create", { "secret-name": "s", value });
    expect(await object("get", { "secret-id": "s" })).toMatchObject({ value: b64(value), binary_value: false, metadata: { tags: {} } });
  });

  it("of bytes that are no UTF-8 is stored as `az` stores it and comes back exactly", async () => {
    const { object, vault } = await furnished();
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
    await object("create", { "secret-name": "s", value: b64(bytes), "binary-value": true });
    expect(vault.live.get("s")?.at(-1)).toMatchObject({
      value: b64(bytes),
      contentType: "application/octet-stream",
      tags: { "file-encoding": "base64" },
    });
    expect(await object("get", { "secret-id": "s" })).toMatchObject({ value: b64(bytes), binary_value: true });
  });

  it("that is text in base64 is stored as that text", async () => {
    const { object, vault } = await furnished();
    await object("create", { "secret-name": "s", value: b64("hello"), "binary-value": true });
    expect(vault.live.get("s")?.at(-1)?.value).toBe("hello");
  });

  it("that `az` wrote with line breaks in its base64 is read", async () => {
    const { object, vault } = await furnished();
    await object("create", { "secret-name": "s", value: "//4A\ngA==\n", tags: { "file-encoding": "base64" } });
    expect(vault.live.size).toBe(1);
    expect(await object("get", { "secret-id": "s" })).toMatchObject({ value: "//4AgA==", binary_value: true });
  });

  it.each([
    ["text", { value: "x".repeat(25_601) }, /25601 bytes; Key Vault takes 25600/u],
    ["bytes", { value: b64(Buffer.alloc(20_000, 0xff)), "binary-value": true }, /20000 bytes, 26668 as stored; Key Vault takes 25600/u],
  ])("of %s over the limit is refused with both sizes, before any request", async (_, input, sentence) => {
    const { object, vault } = await furnished();
    await expect(object("create", { "secret-name": "s", ...input })).rejects.toEqual(refused("usage", sentence));
    expect(vault.seen).toEqual([]);
  });

  it("said to be base64 and is not, is usage", async () => {
    const { object } = await furnished();
    await expect(object("create", { "secret-name": "s", value: "not base64!", "binary-value": true })).rejects.toEqual(refused("usage"));
  });
});

describe("create", () => {
  it("answers with id and version, and puts the connector's tags on the object", async () => {
    const { call, object, vault } = await furnished();
    await call("update-item", { name: "kv", "usc-tags": "owner=usc,x" });
    const made = await object("create", {
      "secret-name": "s",
      value: "v",
      tags: ["a=1"],
      description: "why",
      "remote-secret-expires": "2027-01-31T00:00:00Z",
    });
    expect(made).toEqual({ secret_id: "https://vvv.vault.azure.net/secrets/s", version_id: "0".repeat(31) + "1" });
    expect(vault.live.get("s")?.at(-1)).toMatchObject({
      tags: { owner: "usc,x", a: "1", description: "why" },
      expires: Date.UTC(2027, 0, 31),
    });
  });

  it("does not overwrite, and --overwrite does without looking", async () => {
    const { object, vault } = await furnished();
    await object("create", { "secret-name": "s", value: "1" });
    await expect(object("create", { "secret-name": "s", value: "2" })).rejects.toEqual(refused("conflict", /exists already/u));
    vault.seen.length = 0;
    await object("create", { "secret-name": "s", value: "2", overwrite: true });
    expect(vault.seen).toEqual(["set s"]);
  });

  it("whose look-up is forbidden is forbidden, and writes nothing", async () => {
    const { object, vault } = await furnished();
    vault.switches.forbidGet = true;
    await expect(object("create", { "secret-name": "s", value: "1" })).rejects.toEqual(refused("forbidden"));
    expect(vault.live.size).toBe(0);
  });

  it.each(["", "a_b", "a b", "x".repeat(128), "a/" + "0".repeat(32), "https://other.vault.azure.net/secrets/a"])(
    "of the name %j is usage",
    async (name) => {
      const { object, vault } = await furnished();
      await expect(object("create", { "secret-name": name, value: "1" })).rejects.toEqual(refused("usage"));
      expect(vault.seen).toEqual([]);
    },
  );

  it("with 16 tags is usage before any request", async () => {
    const { object, vault } = await furnished();
    const tags = Array.from({ length: 16 }, (_, index) => `t${index}=x`);
    await expect(object("create", { "secret-name": "s", value: "1", tags })).rejects.toEqual(refused("usage", /16 tags/u));
    expect(vault.seen).toEqual([]);
  });

  it("with a malformed date is usage", async () => {
    const { object } = await furnished();
    await expect(object("create", { "secret-name": "s", value: "1", "remote-secret-expires": "tomorrow" })).rejects.toEqual(
      refused("usage"),
    );
  });
});

describe("update", () => {
  it("of an absent name is not_found and makes nothing", async () => {
    const { object, vault } = await furnished();
    await expect(object("update", { "secret-id": "s", value: "v" })).rejects.toEqual(refused("not_found"));
    expect(vault.live.size).toBe(0);
  });

  it("carries content type, tags and a future expiry to the new version, not a past one", async () => {
    const { object, vault } = await furnished();
    await object("create", {
      "secret-name": "s",
      value: "1",
      "content-type": "text/x",
      tags: "a=1",
      "remote-secret-expires": "2027-01-31T00:00:00Z",
    });
    expect(await object("update", { "secret-id": "s", value: "2" })).toMatchObject({
      name: "s",
      secret_id: "https://vvv.vault.azure.net/secrets/s",
    });
    expect(vault.live.get("s")?.at(-1)).toMatchObject({
      value: "2",
      contentType: "text/x",
      tags: { a: "1" },
      expires: Date.UTC(2027, 0, 31),
    });
    await object("update", { "secret-id": "s", value: "3", "remote-secret-expires": "2020-01-01T00:00:00Z" });
    await object("update", { "secret-id": "s", value: "4" });
    expect(vault.live.get("s")?.at(-1)).not.toHaveProperty("expires");
  });

  it("from bytes to text drops the mark of the bytes", async () => {
    const { object, vault } = await furnished();
    await object("create", { "secret-name": "s", value: "//4=", "binary-value": true });
    await object("update", { "secret-id": "s", value: "text" });
    expect(vault.live.get("s")?.at(-1)).toMatchObject({ value: "text", tags: {} });
    expect(vault.live.get("s")?.at(-1)).not.toHaveProperty("contentType");
  });
});

describe("get", () => {
  it("reads a version by either spelling, and by the object's URL", async () => {
    const { object } = await furnished();
    await object("create", { "secret-name": "s", value: "1" });
    await object("update", { "secret-id": "s", value: "2" });
    const first = "0".repeat(31) + "1";
    for (const input of [
      { "secret-id": `s/${first}` },
      { "secret-id": "s", "version-id": first },
      { "secret-id": `https://vvv.vault.azure.net/secrets/s/${first}` },
    ]) {
      expect(await object("get", input)).toMatchObject({ value: b64("1"), version_id: first });
    }
  });

  it.each(["", "s/xyz", "/s", "https://other.vault.azure.net/secrets/s", "s/" + "0".repeat(32) + "/x"])(
    "of %j is usage",
    async (reference) => {
      const { object } = await furnished();
      await expect(object("get", { "secret-id": reference })).rejects.toEqual(refused("usage"));
    },
  );

  it("of an absent connector is not_found", async () => {
    const { call } = await furnished();
    await expect(call("get", { "usc-name": "nobody", "secret-id": "s" })).rejects.toEqual(refused("not_found", /no connector/u));
  });
});

describe("list", () => {
  const filled = async () => {
    const made = await furnished({ pageSize: 2 });
    for (const name of ["a", "b", "C", "d", "e"])
      await made.object("create", { "secret-name": name, value: "v", "content-type": name === "a" ? "text/x" : "" });
    made.vault.seen.length = 0;
    return made;
  };

  it("reads all pages; a row has no value, no version, and dates only where set", async () => {
    const { object } = await filled();
    const { secrets_list: rows } = (await object("list")) as { secrets_list: Record<string, unknown>[] };
    expect(rows).toHaveLength(5);
    expect(rows.find((row) => row["name"] === "a")).toEqual({
      secret_id: "https://vvv.vault.azure.net/secrets/a",
      name: "a",
      created: expect.stringMatching(/^2023-11-14T22:13:2\dZ$/u),
      type: "text/x",
      status: true,
      tags: {},
    });
    expect(rows.find((row) => row["name"] === "b")).toMatchObject({ type: "" });
  });

  it("stops at --limit and asks no further page", async () => {
    const { object, vault } = await filled();
    expect(((await object("list", { limit: 2 })) as { secrets_list: unknown[] }).secrets_list).toHaveLength(2);
    expect(vault.seen).toEqual(["list 0"]);
  });

  it("gives one page and a token that goes on", async () => {
    const { object } = await filled();
    const names = [];
    let token: unknown;
    do {
      const page = (await object("list", { "page-size": 2, "page-token": token })) as {
        secrets_list: { name: string }[];
        next_token?: string;
      };
      names.push(...page.secrets_list.map((row) => row.name));
      token = page.next_token;
    } while (token !== undefined);
    expect(names.sort()).toEqual(["C", "a", "b", "d", "e"]);
  });

  it("finds a part of a name whatever its case, and hides what is behind certificates", async () => {
    const { object, vault } = await filled();
    expect(((await object("list", { search: "c" })) as { secrets_list: unknown[] }).secrets_list).toHaveLength(1);
    for (const secret of vault.live.get("d") ?? []) secret.managed = true;
    expect(((await object("list")) as { secrets_list: unknown[] }).secrets_list).toHaveLength(4);
    expect(((await object("list", { "include-managed": true })) as { secrets_list: unknown[] }).secrets_list).toHaveLength(5);
  });
});

describe("delete", () => {
  it("names what it deleted; an absent one is not_found; a version alone cannot be", async () => {
    const { object } = await furnished();
    await object("create", { "secret-name": "s", value: "1" });
    await expect(object("delete", { "secret-id": "s/" + "0".repeat(32) })).rejects.toEqual(refused("usage"));
    expect(await object("delete", { "secret-id": "s" })).toEqual({ name: "s" });
    await expect(object("delete", { "secret-id": "s" })).rejects.toEqual(refused("not_found"));
  });

  it("--force-delete waits until the deletion is visible and purges, also what was deleted before", async () => {
    const { object, vault } = await furnished();
    await object("create", { "secret-name": "s", value: "1" });
    vault.switches.pollsUntilVisible = 3;
    await object("delete", { "secret-id": "s", "force-delete": true });
    expect(vault.deleted.size).toBe(0);
    await object("create", { "secret-name": "s", value: "1" });
    await object("delete", { "secret-id": "s" });
    await object("delete", { "secret-id": "s", "force-delete": "true" });
    expect(vault.deleted.size).toBe(0);
    await expect(object("delete", { "secret-id": "s", "force-delete": true })).rejects.toEqual(refused("not_found"));
  });
});
