import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore } from "../../../src/adapters/state/index.ts";
import { bytesOf, stateLab, tamper } from "../../support/state-lab.ts";
import { notices, papers } from "../../support/state-papers.ts";

const { newHome } = stateLab();
const right = randomBytes(32).toString("base64");
const wrong = randomBytes(32).toString("base64");

async function sealedHome(masterKey?: string): Promise<string> {
  const home = newHome();
  const store = openStore({ home, masterKey });
  await store.commit([
    store.collection(papers).put("/a", { text: "t", secret: "s" }, 0),
    store.collection(notices).put("/n", { text: "open" }, 0),
  ]);
  return home;
}

async function expectRefused(home: string, masterKey: string | undefined, failure: object): Promise<void> {
  const before = bytesOf(home);
  const store = openStore({ home, masterKey });
  await expect(store.collection(papers).get("/a")).rejects.toMatchObject(failure);
  await expect(store.collection(papers).list()).rejects.toMatchObject(failure);
  const changes = [store.collection(notices).put("/m", { text: "x" }), store.collection(papers).put("/b", { text: "x", secret: "x" })];
  await expect(store.commit(changes)).rejects.toMatchObject(failure);
  await expect(store.rotateKey({ of: masterKey === undefined ? "all" : "data key" })).rejects.toMatchObject(failure);
  expect(bytesOf(home)).toEqual(before);
  expect(await store.collection(notices).get("/n")).toMatchObject({ value: { text: "open" } });
}

describe("S4 a wrong master key changes nothing", () => {
  it.each([
    ["another key", wrong, "conflict", "USC_MASTER_KEY is not the key this store was sealed with."],
    [
      "another key in hex",
      Buffer.from(wrong, "base64").toString("hex"),
      "conflict",
      "USC_MASTER_KEY is not the key this store was sealed with.",
    ],
    ["31 bytes", randomBytes(31).toString("base64"), "usage", "USC_MASTER_KEY holds no master key"],
    ["33 bytes", randomBytes(33).toString("base64"), "usage", "USC_MASTER_KEY holds no master key"],
    ["31 bytes in hex", randomBytes(31).toString("hex"), "usage", "USC_MASTER_KEY holds no master key"],
    ["the right key with a trailing newline", `${right}\n`, "usage", "USC_MASTER_KEY holds no master key"],
    ["the right key in base64url without its end", right.replace(/=$/u, ""), "usage", "USC_MASTER_KEY holds no master key"],
    ["a word", "password", "usage", "USC_MASTER_KEY holds no master key"],
    ["the empty text", "", "usage", "USC_MASTER_KEY holds no master key"],
  ])("refuses %s in the variable before the first sealed read or write", async (_, given, code, sentence) => {
    const home = await sealedHome(right);
    await expectRefused(home, given, { code, message: expect.stringContaining(sentence) });
    expect(await openStore({ home, masterKey: right }).collection(papers).get("/a")).toMatchObject({ value: { secret: "s" } });
  });

  it("takes the right key in either spelling", async () => {
    const home = await sealedHome(right);
    for (const spelling of [
      right,
      Buffer.from(right, "base64").toString("hex"),
      Buffer.from(right, "base64").toString("hex").toUpperCase(),
    ])
      expect(await openStore({ home, masterKey: spelling }).collection(papers).get("/a")).toMatchObject({ value: { secret: "s" } });
  });

  it("refuses a key file and a variable that disagree, and says so", async () => {
    const home = await sealedHome();
    await expectRefused(home, wrong, {
      code: "usage",
      message: expect.stringMatching(/^USC_MASTER_KEY and the key file .*master\.key hold different keys\.$/u),
    });
    const inFile = readFileSync(join(home, "master.key"), "utf8").trim();
    expect(await openStore({ home, masterKey: inFile }).collection(papers).get("/a")).toBeDefined();
  });

  it("refuses another key in the key file, and names the file", async () => {
    const home = await sealedHome();
    writeFileSync(join(home, "master.key"), `${wrong}\n`);
    await expectRefused(home, undefined, {
      code: "conflict",
      message: expect.stringMatching(/^The key file .*master\.key is not the key this store/u),
    });
  });

  it.each(["", "\n", "password\n", `${right}\n\n`, ` ${right}`])("refuses the key file %j", async (text) => {
    const home = await sealedHome();
    writeFileSync(join(home, "master.key"), text);
    await expectRefused(home, undefined, { code: "usage", message: expect.stringMatching(/^The key file .*holds no master key/u) });
  });

  it("refuses a new data key under a wrong master key too", async () => {
    const home = await sealedHome(right);
    const store = openStore({ home, masterKey: wrong }, { sealsPerKey: 1 });
    const before = bytesOf(home);
    await expect(store.commit([store.collection(papers).put("/b", { text: "x", secret: "x" })])).rejects.toMatchObject({
      code: "conflict",
    });
    expect(bytesOf(home)).toEqual(before);
  });
});

describe("S6 the key file", () => {
  it("is made by the first sealed write, and by nothing before it", async () => {
    const home = newHome();
    const store = openStore({ home });
    await store.commit([store.collection(notices).put("/n", { text: "open" }, 0)]);
    expect(Object.keys(bytesOf(home))).not.toContain("master.key");
    await store.commit([store.collection(papers).put("/a", { text: "t", secret: "s" }, 0)]);
    expect(readFileSync(join(home, "master.key"), "utf8")).toMatch(/^[A-Za-z0-9+/]{43}=\n$/u);
    expect(statSync(join(home, "master.key")).mode & 0o777).toBe(0o600);
  });

  it("is not made where the variable is set", async () => {
    expect(Object.keys(bytesOf(await sealedHome(right)))).not.toContain("master.key");
  });

  it("is never replaced by a fresh one beside sealed records", async () => {
    const home = await sealedHome();
    rmSync(join(home, "master.key"));
    await expectRefused(home, undefined, {
      code: "conflict",
      message: expect.stringMatching(/^The key file .*master\.key is gone, and USC_MASTER_KEY is not set/u),
    });
  });

  it("is not made anew where the store's own keys were taken away", async () => {
    const home = await sealedHome();
    tamper(home, (db) => db.exec("DELETE FROM master_key; DELETE FROM data_keys"));
    rmSync(join(home, "master.key"));
    const store = openStore({ home });
    await expect(store.commit([store.collection(papers).put("/b", { text: "x", secret: "x" })])).rejects.toMatchObject({
      code: "conflict",
    });
    expect(Object.keys(bytesOf(home))).not.toContain("master.key");
  });

  it("clears what a killed predecessor left unfinished", async () => {
    const home = newHome();
    const store = openStore({ home });
    writeFileSync(join(home, "master.key.new"), "half a k", { mode: 0o600 });
    await store.commit([store.collection(papers).put("/a", { text: "t", secret: "s" }, 0)]);
    expect(Object.keys(bytesOf(home))).not.toContain("master.key.new");
  });
});
