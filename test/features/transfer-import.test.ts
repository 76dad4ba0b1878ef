import { describe, expect, it } from "vitest";
import { UscError } from "../../src/kernel/errors.ts";
import { anyTexts } from "../support/any-texts.ts";
import { furnished, refused } from "../support/house.ts";

interface Imported {
  plan: { action: string; name: string; code?: string; error?: string }[];
  text: string;
}

async function vaultWith(values: Readonly<Record<string, string>> = {}) {
  const made = await furnished();
  for (const [name, value] of Object.entries(values)) await made.object("create", { "secret-name": name, value });
  made.vault.seen.length = 0;
  const imported = async (content: string, input: Record<string, unknown> = {}): Promise<Imported> =>
    (await made.object("import", { content, ...input })) as unknown as Imported;
  /** The answer of an import that failed, and its error. */
  const failing = async (content: string, input: Record<string, unknown> = {}): Promise<{ error: UscError; answer: Imported }> => {
    const error = await imported(content, input).catch((thrown: unknown) => thrown);
    if (!(error instanceof UscError)) throw new Error("it did not fail");
    return { error, answer: error.details.answer as unknown as Imported };
  };
  const held = (name: string): string | undefined => made.vault.live.get(name)?.at(-1)?.value;
  const writes = (): string[] => made.vault.seen.filter((request) => request.startsWith("set "));
  return { ...made, imported, failing, held, writes };
}

describe("import", () => {
  it("creates what is not there, leaves what is the same, and says so line by line, without values", async () => {
    const { imported, held, writes } = await vaultWith({ kept: "canary" });
    const answer = await imported("KEPT=canary\nDB_PASSWORD='correct horse'\n");
    expect(answer).toEqual({
      plan: [
        { action: "same", name: "kept" },
        { action: "create", name: "db-password" },
      ],
      dry_run: false,
      text: "same kept\ncreate db-password\n",
    });
    expect(held("db-password")).toBe("correct horse");
    expect(writes()).toEqual(["set db-password"]);
  });

  it("refuses to overwrite before anything is written, and names what exists", async () => {
    const { failing, writes } = await vaultWith({ a: "1", b: "2" });
    const { error } = await failing("NEW=1\nA=other\nB=other\n");
    expect(error).toEqual(refused("conflict", /^Nothing was written: .* other values of a, b\.$/u));
    expect(writes()).toEqual([]);
  });

  it("--overwrite makes a new version that keeps the attributes of the one before", async () => {
    const { object, imported, vault } = await vaultWith();
    const attributes = { "content-type": "text/x", tags: { team: "a" }, "remote-secret-expires": "2030-01-01T00:00:00Z" };
    await object("create", { "secret-name": "a", value: "1", ...attributes });
    expect((await imported("A=2\n", { overwrite: true })).text).toBe("update a\n");
    expect(vault.live.get("a")).toHaveLength(2);
    expect(vault.live.get("a")?.[1]).toMatchObject({
      value: "2",
      contentType: "text/x",
      tags: { team: "a" },
      expires: Date.UTC(2030, 0, 1),
    });
  });

  it("--dry-run writes nothing, and exits as a report that found something, if there is something to do", async () => {
    const { imported, failing, writes } = await vaultWith({ a: "1", b: "2" });
    const { error, answer } = await failing("A=1\nB=other\nC=3\n", { "dry-run": true });
    expect(error).toEqual(refused("changes", /1 to create, 1 to update, 0 that cannot be written\.$/u));
    expect(answer.text).toBe("same a\nupdate b\ncreate c\n");
    expect((await imported("A=1\n", { "dry-run": true })).text).toBe("same a\n");
    expect(writes()).toEqual([]);
  });

  it("writes the others if some fail, lists which, and the same command goes on", async () => {
    const { failing, imported, object, vault } = await vaultWith({ off: "1", gone: "1" });
    await object("update", { "secret-id": "off", enabled: false });
    await object("delete", { "secret-id": "gone" });
    const content = "ONE=1\nOFF=2\nGONE=2\nTWO=2\n";
    const { error, answer } = await failing(content);
    expect(error).toEqual(refused("partial", /^2 of 4 secrets were not written to .*: off, gone\.$/u));
    expect(answer.plan).toEqual([
      { action: "create", name: "one" },
      { action: "failed", name: "off", code: "conflict", error: "The secret off is disabled." },
      { action: "failed", name: "gone", code: "conflict", error: "The secret gone is soft-deleted." },
      { action: "create", name: "two" },
    ]);
    await object("recover", { "secret-id": "gone" });
    await object("update", { "secret-id": "off", enabled: true });
    expect((await imported(content, { overwrite: true })).text).toBe("same one\nupdate off\nupdate gone\nsame two\n");
    expect(vault.live.get("one")).toHaveLength(1);
  });

  it("tells one cause for all as what it is", async () => {
    const { failing, vault } = await vaultWith();
    vault.adapter.set = async () => Promise.reject(new UscError("forbidden", "The role is missing."));
    expect((await failing("A=1\nB=2\n")).error).toEqual(refused("forbidden", /^The role is missing\.$/u));
  });

  it("asks for no more than Key Vault takes: no ten seconds see more than 300 creations", async () => {
    const { imported, vault, clock } = await vaultWith();
    const at: number[] = [];
    const set = vault.adapter.set;
    vault.adapter.set = async (...args) => {
      at.push(clock.now());
      return set(...args);
    };
    const content = Array.from({ length: 1000 }, (_, index) => `S_${index}=${index}\n`).join("");
    await imported(content);
    expect(at).toHaveLength(1000);
    const most = Math.max(...at.map((start) => at.filter((time) => time >= start && time < start + 10_000).length));
    expect(most).toBeLessThanOrEqual(300);
  });

  it("stops between two writes, says how many are written and which command goes on", async () => {
    const { failing, imported, vault, stop, writes } = await vaultWith();
    const content = Array.from({ length: 100 }, (_, index) => `S_${index}=${index}\n`).join("");
    const set = vault.adapter.set;
    vault.adapter.set = async (...args) => {
      if (args[1] === "s-50") stop.abort();
      return set(...args);
    };
    const { error } = await failing(content, { concurrency: 4 });
    expect(error).toEqual(refused("interrupted", new RegExp(`^Stopped\\. ${writes().length} of 100 secrets are written`, "u")));
    expect(writes().length).toBeLessThan(60);
    stop.reset();
    await imported(content);
    expect(new Set(writes()).size).toBe(100);
    expect(writes()).toHaveLength(100);
  });

  it("puts the connector's tags on what it creates", async () => {
    const { call, imported, vault } = await vaultWith();
    await call("update-item", { name: "kv", "usc-tags": { owner: "usc" } });
    await imported("A=1\n");
    expect(vault.live.get("a")?.[0]?.tags).toEqual({ owner: "usc" });
  });
});

describe("what export writes, import reads", () => {
  it.each(["dotenv", "json", "yaml"])("%s, byte for byte, text and binary, names as they are", async (format) => {
    const texts = anyTexts(200).filter((text) => format !== "dotenv" || !text.includes("\0"));
    const from = await vaultWith(Object.fromEntries(texts.map((text, index) => [`S-${index}--x`, text])));
    const blobs = [Buffer.from([0, 255, 10, 13]), Buffer.from("text, kept as a file"), Buffer.alloc(0)];
    for (const [index, blob] of blobs.entries())
      await from.object("create", { "secret-name": `blob-${index}`, value: blob.toString("base64"), "binary-value": true, file: true });
    const { text } = (await from.object("export", { format })) as { text: string };

    const to = await vaultWith();
    const { plan } = await to.imported(text, { format });
    expect(plan.map(({ action }) => action)).toEqual(Array.from({ length: texts.length + blobs.length }, () => "create"));
    const stored = ({ vault }: typeof to) =>
      new Map([...vault.live].map(([name, [secret]]) => [name, [secret?.value, secret?.contentType, secret?.tags]]));
    expect(stored(to)).toEqual(stored(from));
    expect((await to.imported(text, { format })).plan.filter(({ action }) => action !== "same")).toEqual([]);
  });
});

describe("import reads dotenv", () => {
  it.each([
    ["a word", "A=b", "b"],
    ["nothing", "A=", ""],
    ["spaces around", " export A = b c \t\r\n", "b c"],
    ["a comment behind", "A=b # c", "b"],
    ["a # that is no comment", "A=b#c", "b#c"],
    ["a comment only", "A= # c", ""],
    ["an apostrophe in a word", "A=it's", "it's"],
    ["a dollar, never expanded", "A=$HOME ${B} $(id)", "$HOME ${B} $(id)"],
    ["single quotes", "A='b \\n $c \"' # c", 'b \\n $c "'],
    ["several lines", "A='b\nc\r\n'", "b\nc\r\n"],
    ["double quotes", 'A="b\\n\\t\\"\\\\\\$x \'"', "b\n\t\"\\$x '"],
    ["what a backslash does not mean", 'A="C:\\Users"', "C:\\Users"],
    ["a shell's word", "A='it'\\''s'\"x\"", "it'sx"],
    ["an = within", "A=b=c==", "b=c=="],
    ["a byte order mark", "\ufeffA=b", "b"],
  ])("%s", async (_, content, value) => {
    const { imported, held } = await vaultWith();
    expect((await imported(content)).plan).toEqual([{ action: "create", name: "a" }]);
    expect(held("a")).toBe(value);
  });

  it("a name that a comment keeps counts for its own variable only", async () => {
    const { imported } = await vaultWith();
    const { text } = await imported("# usc: Db-Password\nDB_PASSWORD=1\n# usc: other\nTHIRD=3\n# usc: x\n\nX2=1\n");
    expect(text).toBe("create Db-Password\ncreate third\ncreate x2\n");
  });

  it.each([
    ["no =", "A=1\ncanary\n", /line 2 is no NAME=VALUE/u],
    ["an open quote", "A=1\nB='canary\n\n", /line 2 opens a quote that nothing closes/u],
    ["an open double quote", 'B="canary\n\n', /line 1 opens a quote/u],
    ["text behind a quote", "\n\nB='x'canary\n", /line 3 goes on behind a closing quote/u],
    ["a name that is none", "A.B=canary\n", /line 1 begins with no name/u],
    ["one secret twice", "A=canary\na=canary\n", /a and a are one secret/u],
  ])("refuses %s by its line, without quoting it", async (_, content, sentence) => {
    const { failing, writes } = await vaultWith();
    const { error } = await failing(content);
    expect(error).toEqual(refused("usage", sentence));
    expect(`${error.message}${error.details.hint}`).not.toContain("canary");
    expect(writes()).toEqual([]);
  });
});

describe("import reads JSON and YAML", () => {
  it("texts as they are written: YAML has no numbers, dates or booleans here", async () => {
    const { imported, held } = await vaultWith();
    await imported("pin: 0123\nflag: yes\nempty:\nkey: |\n  one\n  two\nblob: !!binary AP8=\n", { format: "yaml" });
    expect(["pin", "flag", "empty", "key", "blob"].map(held)).toEqual(["0123", "yes", "", "one\ntwo\n", "AP8="]);
  });

  it.each([
    ["json", "{canary", /no JSON/u],
    ["json", "[]", /no map of names/u],
    ["json", '{"a": 5}', /The value of a is no text/u],
    ["json", '{"canary!": null}', /The value of entry 1 is no text/u],
    ["json", '{"canary!": "x"}', /The name of entry 1 is none/u],
    ["json", '{"a": "1", "A": "1"}', /a and A are one secret/u],
    ["json", '{"a": {"base64": "canary!"}}', /^a: the value is not valid/u],
    ["json", `{"a": "${"x".repeat(25_601)}"}`, /^a: The value is too large/u],
    ["json", '{"a": {"base64": "", "canary": ""}}', /The value of a is no text/u],
    ["yaml", "a: [canary", /no YAML that can be taken at line 1/u],
    ["yaml", "a: 1\na: 2", /at line 2/u],
    ["yaml", "a: 1\n---\nb: 2", /no YAML/u],
    ["yaml", "a: !canary x", /at line 1/u],
    ["yaml", "- canary", /no map of names/u],
  ])("refuses in %s what it cannot take: %s", async (format, content, sentence) => {
    const { failing, writes } = await vaultWith();
    const { error } = await failing(content, { format });
    expect(error).toEqual(refused("usage", sentence));
    expect(`${error.message}${error.details.hint}`).not.toContain("canary");
    expect(writes()).toEqual([]);
  });

  it("asks for the file", async () => {
    const { object } = await furnished();
    await expect(object("import")).rejects.toEqual(refused("usage", /^--file is missing/u));
  });
});
