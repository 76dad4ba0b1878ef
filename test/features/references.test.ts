import { describe, expect, it } from "vitest";
import { atPath } from "../../src/features/objects/json-path.ts";
import { parseReference } from "../../src/features/objects/reference.ts";
import { furnished, refused } from "../support/house.ts";

describe("a reference", () => {
  it.each([
    ["Secret", { object: "Secret" }],
    ["Secret/Version", { object: "Secret/Version" }],
    ["Test/", { object: "Test" }],
    ["name#a.b/v", { object: "name/v", path: "a.b" }],
    ["name#a.b/", { object: "name", path: "a.b" }],
    ["name#a#b", { object: "name", path: "a#b" }],
    ["https://v.vault.azure.net/secrets/n#a", { object: "https://v.vault.azure.net/secrets/n", path: "a" }],
  ])("%s is read", (text, asked) => expect(parseReference(text)).toEqual(asked));

  it.each(["", "/", "/Ver", "Test//", "Test//Version/", "a/b/c", "#x", "name#", "name#/v"])("%j is usage", (text) => {
    expect(() => parseReference(text)).toThrow(refused("usage"));
  });
});

describe("a path into a JSON value", () => {
  const doc = `{"a.b":"1","a":{"b":"2"},"c.d":{"e":"3"},"n":12345678901234567890,"f":1.0,"list":[{"x":true}],"none":null,"__proto__":{"own":"yes"}}`;
  it.each([
    ["a.b", "2"],
    ["a", `{"b":"2"}`],
    ["c.d", `{"e":"3"}`],
    ["n", "12345678901234567890"],
    ["f", "1.0"],
    ["list.0.x", "true"],
    ["list", `[{"x":true}]`],
    ["none", "null"],
    ["__proto__.own", "yes"],
  ])("%s finds %s", (path, text) => expect(atPath(doc, path, "s")).toBe(text));

  it.each(["c.d.e", "x", "a.b.c", "constructor.name", "toString", "list.length", "a.b.length", "list.-1", "list.1", ""])(
    "C16 %j is not_found",
    (path) => {
      expect(() => atPath(doc, path, "s")).toThrow(refused("not_found"));
    },
  );

  it.each(["text", "{'a':1}", "", '{"a":1'])("into %j is usage, and the sentence does not quote it", (value) => {
    expect(() => atPath(value, "a", "s")).toThrow(refused("usage", /^The value of s is not JSON/u));
  });

  it("#__proto__ of a value without such a member is not_found", () => {
    expect(() => atPath(`{"a":1}`, "__proto__", "s")).toThrow(refused("not_found"));
  });
});

const b64 = (text: string): string => Buffer.from(text).toString("base64");

describe("get and usc-resolve", () => {
  async function withJson() {
    const made = await furnished();
    await made.object("create", { "secret-name": "db", value: `{"user":"me","port":5432}` });
    return made;
  }
  it("an empty version is usage: a script's variable may be unset", async () => {
    const { object } = await withJson();
    await expect(object("get", { "secret-id": "db", "version-id": "" })).rejects.toEqual(refused("usage"));
  });

  it("get reads a member", async () => {
    const { object } = await withJson();
    expect(await object("get", { "secret-id": "db#user" })).toMatchObject({ value: b64("me"), binary_value: false, name: "db" });
  });

  it.each(["azurevault://kv/db#port", "azurevault://account.kv/db#port", "azurevault://kv/db#port/"])("%s", async (reference) => {
    const { call } = await withJson();
    expect(await call("usc-resolve", { reference })).toMatchObject({ value: b64("5432") });
  });

  it("finds where a connector's path ends", async () => {
    const { call } = await withJson();
    await call("create-usc", { name: "/prod/kv", "target-to-associate": "t", "azure-kv-name": "vvv" });
    expect(await call("usc-resolve", { reference: "azurevault://prod/kv/db#user" })).toMatchObject({ value: b64("me") });
    const { version_id } = await call("get", { "usc-name": "kv", "secret-id": "db" });
    expect(await call("usc-resolve", { reference: `azurevault://prod/kv/db/${String(version_id)}` })).toMatchObject({ name: "db" });
  });

  it.each(["azurevault://", "azurevault://kv", "db", "https://kv/db", "azurevault://kv//x"])("%s is usage", async (reference) => {
    const { call } = await withJson();
    await expect(call("usc-resolve", { reference })).rejects.toEqual(refused("usage"));
  });

  it("an unknown connector is not_found", async () => {
    const { call } = await withJson();
    await expect(call("usc-resolve", { reference: "azurevault://nope/db" })).rejects.toEqual(refused("not_found", /connector/u));
  });
});

describe("a file", () => {
  it("is kept as base64 with its mark, text or not, and comes back byte for byte", async () => {
    const { object, vault } = await furnished();
    await object("create", { "secret-name": "f", value: "text\r\n", file: true });
    expect(vault.live.get("f")?.[0]).toMatchObject({
      value: "dGV4dA0K",
      contentType: "application/octet-stream",
      tags: { "file-encoding": "base64" },
    });
    expect(await object("get", { "secret-id": "f" })).toMatchObject({ value: "dGV4dA0K", binary_value: true });
  });

  it("that holds JSON can be read by a path, and keeps its mark when its attributes change", async () => {
    const { object, vault } = await furnished();
    await object("create", { "secret-name": "f", value: `{"a":"b"}`, file: true });
    expect(await object("get", { "secret-id": "f#a" })).toMatchObject({ value: b64("b") });
    await object("update", { "secret-id": "f", "replace-attributes": true, tags: { q: "1" }, "remove-tag": ["file-encoding"] });
    expect(vault.live.get("f")?.[0]?.tags).toEqual({ q: "1", "file-encoding": "base64" });
    expect(await object("get", { "secret-id": "f" })).toMatchObject({ value: b64(`{"a":"b"}`), binary_value: true });
  });

  it("over 25,600 bytes as stored is refused with both sizes", async () => {
    const { object } = await furnished();
    await expect(object("create", { "secret-name": "f", value: "x".repeat(19_201), file: true })).rejects.toEqual(
      refused("usage", /19201 bytes, 25604 as stored; Key Vault takes 25600/u),
    );
  });
});

describe("copy-object", () => {
  async function withSource() {
    const made = await furnished();
    await made.object("create", {
      "secret-name": "a",
      value: "1",
      tags: { k: "v" },
      "content-type": "t",
      "remote-secret-expires": "2030-01-01T00:00:00Z",
    });
    return made;
  }

  it("copies value and attributes", async () => {
    const { object, vault } = await withSource();
    await object("copy-object", { "secret-id": "a", "secret-name": "b" });
    expect(vault.live.get("b")).toMatchObject([
      { value: "1", tags: { k: "v" }, contentType: "t", expires: Date.UTC(2030, 0, 1), enabled: true },
    ]);
    expect(vault.live.has("a")).toBe(true);
  });

  it("--delete-source renames", async () => {
    const { object, vault } = await withSource();
    expect(await object("copy-object", { "secret-id": "a", "secret-name": "b", "delete-source": true })).toMatchObject({ deleted: "a" });
    expect([vault.live.has("a"), vault.live.has("b")]).toEqual([false, true]);
  });

  it("does not overwrite, and leaves nothing to finish", async () => {
    const { object, vault } = await withSource();
    await object("create", { "secret-name": "b", value: "other" });
    await expect(object("copy-object", { "secret-id": "a", "secret-name": "b", "delete-source": true })).rejects.toEqual(
      refused("conflict"),
    );
    expect(vault.live.get("b")?.[0]?.value).toBe("other");
    expect(vault.live.has("a")).toBe(true);
  });

  it("a source that got a newer version meanwhile is not deleted", async () => {
    const { object, vault, stop, stopDuring } = await withSource();
    const move = { "secret-id": "a", "secret-name": "b", "delete-source": true };
    stopDuring("set b");
    await expect(object("copy-object", move)).rejects.toEqual(refused("interrupted"));
    stop.reset();
    await object("update", { "secret-id": "b", value: "unrelated" });
    await object("update", { "secret-id": "a", value: "newer" });
    await expect(object("copy-object", move)).rejects.toEqual(refused("conflict", /newer version/u));
    expect(vault.live.get("a")?.at(-1)?.value).toBe("newer");
  });

  it("a copy that is gone again is made again before the source goes", async () => {
    const { object, vault, stop, stopDuring } = await withSource();
    const move = { "secret-id": "a", "secret-name": "b", "delete-source": true };
    stopDuring("set b");
    await expect(object("copy-object", move)).rejects.toEqual(refused("interrupted"));
    stop.reset();
    await object("delete", { "secret-id": "b", "force-delete": true });
    await object("copy-object", move);
    expect([vault.live.has("a"), vault.live.get("b")?.[0]?.value]).toEqual([false, "1"]);
  });

  it("does not take an equal secret that was there before for its copy", async () => {
    const { object, vault } = await withSource();
    await object("create", { "secret-name": "b", value: "1", tags: { k: "v" }, "content-type": "t" });
    await expect(object("copy-object", { "secret-id": "a", "secret-name": "b", "delete-source": true })).rejects.toEqual(
      refused("conflict"),
    );
    expect(vault.live.has("a")).toBe(true);
  });

  it("what is refused leaves nothing to finish: a disabled goal, a source that Key Vault keeps", async () => {
    const { object, vault, told } = await withSource();
    await object("create", { "secret-name": "off", value: "x", enabled: false });
    await expect(object("copy-object", { "secret-id": "a", "secret-name": "off" })).rejects.toEqual(refused("conflict"));
    const [kept] = vault.live.get("a") ?? [];
    if (kept) kept.managed = true;
    await expect(object("copy-object", { "secret-id": "a", "secret-name": "c", "delete-source": true })).rejects.toEqual(
      refused("usage", /certificate/u),
    );
    told.length = 0;
    await object("update", { "secret-id": "a", enabled: true });
    expect(told).toEqual([]);
  });

  it("onto itself is usage", async () => {
    const { object } = await withSource();
    await expect(object("copy-object", { "secret-id": "a", "secret-name": "A" })).rejects.toEqual(refused("usage"));
  });

  it("stopped before the source is deleted, the same command goes on", async () => {
    const { object, vault, stop, stopDuring, told } = await withSource();
    stopDuring("set b");
    await expect(object("copy-object", { "secret-id": "a", "secret-name": "b", "delete-source": true })).rejects.toMatchObject({
      code: "interrupted",
      message: "Stopped. The copy b stands, and a is not deleted yet.",
    });
    expect([...vault.live.keys()].sort()).toEqual(["a", "b"]);

    stop.reset();
    told.length = 0;
    await object("update", { "secret-id": "a", enabled: true });
    expect(told).toEqual([
      "The copy b of a stands, and a is not deleted yet. `usc copy-object --usc-name /kv --secret-id a --secret-name b --delete-source` goes on.",
    ]);
    expect(await object("copy-object", { "secret-id": "a", "secret-name": "b", "delete-source": true })).toMatchObject({ deleted: "a" });
    expect([...vault.live.keys()]).toEqual(["b"]);
    told.length = 0;
    await object("update", { "secret-id": "b", enabled: true });
    expect(told).toEqual([]);
  });
});

describe("get-all", () => {
  it("reads every enabled value, in the order of the list", async () => {
    const { object } = await furnished();
    for (const name of ["c", "a", "b"]) await object("create", { "secret-name": name, value: name });
    await object("create", { "secret-name": "off", value: "x", enabled: false });
    const { secrets } = (await object("get-all", { concurrency: 2 })) as { secrets: { name: string; value: string }[] };
    expect(secrets.map(({ name, value }) => [name, Buffer.from(value, "base64").toString()])).toEqual([
      ["a", "a"],
      ["b", "b"],
      ["c", "c"],
    ]);
  });
});
