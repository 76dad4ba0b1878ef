import { createSecretKey, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openStore } from "../../../src/adapters/state/index.ts";
import { newKeyId, seal, unseal } from "../../../src/adapters/state/seal.ts";
import type { RecordKind, Store } from "../../../src/kernel/store.ts";
import { stateLab, tamper } from "../../support/state-lab.ts";
import { leaves, papers, type Paper } from "../../support/state-papers.ts";

const { newHome } = stateLab();

interface Place {
  kind: RecordKind<Paper>;
  key: string;
  field: "secret" | "pin";
}

async function filled(store: Store): Promise<void> {
  const kinds = [papers, leaves];
  const changes = kinds.flatMap((kind) =>
    ["/a", "/a/b"].map((key) =>
      store.collection(kind).put(key, { text: "open", secret: `${kind.name}${key} secret`, pin: `${kind.name}${key} pin` }, 0),
    ),
  );
  await store.commit(changes);
}

const places = [papers, leaves].flatMap((kind) =>
  ["/a", "/a/b"].flatMap((key) => (["secret", "pin"] as const).map((field): Place => ({ kind, key, field }))),
);
const pairs = places.flatMap((from) => places.filter((to) => to !== from).map((to) => ({ from, to })));

describe("S1 a sealed field opens only where it was sealed", () => {
  it("is refused in every other record, field and collection, and the others stay readable", async () => {
    const home = newHome();
    const store = openStore({ home });
    await filled(store);
    for (const { from, to } of pairs) {
      tamper(home, (db) => {
        db.exec("DROP TABLE IF EXISTS temp.kept; CREATE TEMP TABLE kept AS SELECT * FROM records");
        const path = (place: Place) => `$.${place.field}`;
        db.prepare(
          `UPDATE records SET sealed = json_set(sealed, ?, (SELECT sealed ->> ? FROM kept WHERE collection = ? AND key = ?)) WHERE collection = ? AND key = ?`,
        ).run(path(to), path(from), from.kind.name, from.key, to.kind.name, to.key);
        db.exec("DROP TABLE temp.kept");
      });
      const what = `${from.kind.name}${from.key}.${from.field} as ${to.kind.name}${to.key}.${to.field}`;
      await expect(store.collection(to.kind).get(to.key), what).rejects.toMatchObject({
        code: "conflict",
        message: `The ${to.kind.noun} ${to.key} is a damaged record: it is not what usc wrote.`,
      });
      await expect(store.collection(to.kind).list(), what).rejects.toMatchObject({
        message: expect.stringContaining(`${to.kind.noun} ${to.key} `),
      });
      for (const other of places.filter((place) => place.kind !== to.kind || place.key !== to.key))
        expect((await store.collection(other.kind).get(other.key))?.value[other.field]).toBe(
          `${other.kind.name}${other.key} ${other.field}`,
        );
      await store.commit([
        store
          .collection(to.kind)
          .put(to.key, { text: "open", secret: `${to.kind.name}${to.key} secret`, pin: `${to.kind.name}${to.key} pin` }),
      ]);
    }
  });

  it("keeps `a` + `b/c` apart from `a/b` + `c`", () => {
    const key = createSecretKey(randomBytes(32));
    const id = newKeyId();
    const sealed = seal(key, id, ["a", "b/c", "f"], Buffer.from("x"));
    expect(unseal(key, id, ["a", "b/c", "f"], sealed)?.toString()).toBe("x");
    for (const place of [
      ["a/b", "c", "f"],
      ["a", "b", "c/f"],
      ["ab/c", "f"],
      ["a", "b/c", "f", ""],
      ["a", "b/cf"],
    ])
      expect(unseal(key, id, place, sealed)).toBeUndefined();
  });

  it.each([
    ["an open secret beside none sealed", `UPDATE records SET sealed = NULL, body = json_set(body, '$.secret', 'forged')`],
    ["an open secret beside the sealed one", `UPDATE records SET body = json_set(body, '$.secret', 'forged')`],
    ["a body that is no JSON", `UPDATE records SET body = substr(body, 2)`],
    ["a body of another shape", `UPDATE records SET body = '{"text":7}'`],
    ["a body that is a list", `UPDATE records SET body = '[]'`],
    ["a sealed part that is no JSON", `UPDATE records SET sealed = '{'`],
    ["a sealed part that is no text", `UPDATE records SET sealed = '{"secret":7}'`],
    ["a sealed field that is not one", `UPDATE records SET sealed = json_set(sealed, '$.text', sealed ->> '$.secret')`],
  ])("refuses %s", async (_, sql) => {
    const home = newHome();
    const store = openStore({ home });
    await filled(store);
    tamper(home, (db) => db.exec(`${sql} WHERE collection = 'papers' AND key = '/a'`));
    await expect(store.collection(papers).get("/a")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("The paper /a is a damaged record"),
    });
    expect(await store.collection(papers).get("/a/b")).toBeDefined();
    await store.commit([store.collection(papers).remove("/a")]);
    expect(await store.collection(papers).list()).toHaveLength(1);
  });
});

describe("S2 a sealed field is genuine to the last bit", () => {
  const key = createSecretKey(randomBytes(32));
  const id = newKeyId();
  const sealed = seal(key, id, ["p"], Buffer.from("a secret"));

  it("does not open with any bit of it flipped", () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const forged = Buffer.from(sealed);
      forged.writeUInt8((forged[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      expect(unseal(key, id, ["p"], forged), `bit ${bit}`).toBeUndefined();
    }
  });

  it("does not open with any part of its tag, or of itself, cut off", () => {
    for (let length = 0; length < sealed.length; length++) expect(unseal(key, id, ["p"], sealed.subarray(0, length))).toBeUndefined();
  });

  it("does not open as another layout, under another key or another key id", () => {
    const older = Buffer.from(sealed);
    older.writeUInt8(0, 0);
    expect(unseal(key, id, ["p"], older)).toBeUndefined();
    expect(unseal(createSecretKey(randomBytes(32)), id, ["p"], sealed)).toBeUndefined();
    expect(unseal(key, newKeyId(), ["p"], sealed)).toBeUndefined();
  });
});

describe("S3 no data key seals too often", () => {
  it("hands over to a new data key at the bound, and what the older ones sealed still opens", async () => {
    const home = newHome();
    const store = openStore({ home }, { sealsPerKey: 3 });
    for (let index = 0; index < 10; index++)
      await store.commit([store.collection(papers).put(`/${index}`, { text: "t", secret: `s${index}` }, 0)]);
    tamper(home, (db) =>
      expect(
        db
          .prepare("SELECT uses FROM data_keys ORDER BY number")
          .all()
          .map((row) => row["uses"]),
      ).toEqual([3, 3, 3, 1]),
    );
    const secrets = (await openStore({ home }).collection(papers).list()).map((paper) => paper.value.secret);
    expect(secrets).toEqual(Array.from({ length: 10 }, (_, index) => `s${index}`));
  });

  it("draws a fresh nonce for every sealing", () => {
    const key = createSecretKey(randomBytes(32));
    const nonces = Array.from({ length: 1000 }, () => seal(key, newKeyId(), [], Buffer.alloc(0)).toString("hex", 9, 21));
    expect(new Set(nonces).size).toBe(1000);
  });

  it("rotates: all is sealed under one new key, also for a store that was open before", async () => {
    const home = newHome();
    const store = openStore({ home }, { sealsPerKey: 2 });
    await filled(store);
    const other = openStore({ home });
    expect(await other.collection(papers).get("/a")).toBeDefined();
    const { key_id, resealed } = await openStore({ home }).rotateKey({ of: "all" });
    expect(resealed).toBe(4);
    tamper(home, (db) => {
      expect(db.prepare("SELECT id, uses FROM data_keys").all()).toEqual([{ id: key_id, uses: 8 }]);
      for (const row of db.prepare("SELECT sealed FROM records").all())
        for (const text of Object.values(JSON.parse(String(row["sealed"])) as Record<string, string>))
          expect(Buffer.from(text, "base64").toString("hex", 1, 9)).toBe(key_id);
    });
    await other.commit([other.collection(papers).put("/new", { text: "t", secret: "s" }, 0)]);
    for (const one of [store, other]) {
      expect((await one.collection(papers).list()).map((paper) => paper.value.secret)).toEqual([
        "papers/a secret",
        "papers/a/b secret",
        "s",
      ]);
      expect((await one.collection(papers).get("/a"))?.revision).toBe(1);
    }
  });

  it("does not rotate around a damaged record: it names it, and nothing has changed", async () => {
    const home = newHome();
    const store = openStore({ home });
    await filled(store);
    tamper(home, (db) => db.exec(`UPDATE records SET sealed = '{"secret":"AAAA"}' WHERE collection = 'leaves' AND key = '/a/b'`));
    await expect(store.rotateKey({ of: "all" })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("record in leaves /a/b"),
    });
    expect(await store.collection(papers).list()).toHaveLength(2);
  });
});
