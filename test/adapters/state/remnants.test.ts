import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openStore } from "../../../src/adapters/state/index.ts";
import { canaries } from "../../support/canary.ts";
import { stateLab } from "../../support/state-lab.ts";
import { papers } from "../../support/state-papers.ts";

const { newHome } = stateLab();
const secret = "canary/of the state+8c21 zażółć";

function ciphertexts(home: string): string[] {
  const db = new DatabaseSync(join(home, "usc.db"), { readOnly: true });
  const rows = db.prepare("SELECT sealed FROM records WHERE sealed IS NOT NULL").all();
  db.close();
  return rows.flatMap((row) => Object.values(JSON.parse(String(row["sealed"])) as Record<string, string>));
}

function onDisk(home: string, text: string): string[] {
  return readdirSync(home).filter((name) => readFileSync(join(home, name)).includes(text));
}

describe("S8 what is left on the disk", () => {
  it("never is a secret in any form, nor after a delete or a rotation its old ciphertext", async () => {
    const home = newHome();
    const store = openStore({ home });
    const collection = store.collection(papers);
    const names = Array.from({ length: 20 }, (_, index) => `/${index}`);
    await store.commit(names.map((name) => collection.put(name, { text: "t", secret, pin: secret }, 0)));
    expect(canaries(secret, { dir: home, texts: {} })).toEqual([]);
    const first = ciphertexts(home);
    expect(first).toHaveLength(40);
    for (const text of first) expect(onDisk(home, text)).not.toEqual([]);

    await store.rotateKey({ of: "all" });
    for (const text of first) expect(onDisk(home, text)).toEqual([]);
    const second = ciphertexts(home);

    await store.commit(names.map((name) => collection.remove(name, 1)));
    for (const text of second) expect(onDisk(home, text)).toEqual([]);
    expect(canaries(secret, { dir: home, texts: {} })).toEqual([]);
  });
});
