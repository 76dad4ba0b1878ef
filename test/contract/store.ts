import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import type { RecordKind, Store } from "../../src/kernel/store.ts";

const Note = z.object({ text: z.string(), secret: z.optional(z.string()), count: z.optional(z.int()) });
type Note = z.infer<typeof Note>;
const notes: RecordKind<Note> = { name: "notes", noun: "note", schema: () => Note, sealed: ["secret"] };
const others: RecordKind<Note> = { name: "others", noun: "other note", schema: () => Note };

/** What every store promises, whatever it is made of. `open` gives an empty one. */
export function storeContract(name: string, open: () => Store): void {
  describe(`the store contract, kept by ${name}`, () => {
    it("gives back what was put, with revision 1, and one more with every write", async () => {
      const store = open();
      const collection = store.collection(notes);
      await store.commit([collection.put("/a", { text: "one", secret: "s\u0000é\u{1f511}", count: 3 }, 0)]);
      expect(await collection.get("/a")).toEqual({ key: "/a", value: { text: "one", secret: "s\u0000é\u{1f511}", count: 3 }, revision: 1 });
      await store.commit([collection.put("/a", { text: "two" })]);
      await store.commit([collection.put("/a", { text: "three" }, 2)]);
      expect(await collection.get("/a")).toEqual({ key: "/a", value: { text: "three" }, revision: 3 });
    });

    it("answers undefined for an absent record, and an empty list for an empty collection", async () => {
      const store = open();
      expect(await store.collection(notes).get("/a")).toBeUndefined();
      expect(await store.collection(notes).list()).toEqual([]);
    });

    it("keeps collections apart", async () => {
      const store = open();
      await store.commit([
        store.collection(notes).put("/a", { text: "note" }, 0),
        store.collection(others).put("/a", { text: "other" }, 0),
      ]);
      expect((await store.collection(notes).get("/a"))?.value.text).toBe("note");
      expect((await store.collection(others).list()).map((record) => record.value.text)).toEqual(["other"]);
    });

    it("lists by prefix, ordered by code point, and takes no character of the prefix for a pattern", async () => {
      const store = open();
      const collection = store.collection(notes);
      const keys = ["/a", "/a%/x", "/a_/x", "/ab/x", "/b", "/\u{ff3a}x", "/\u{1f511}", "/'; --", '/"', "/a/\u0000z", "/\uffff"];
      await store.commit(keys.map((key) => collection.put(key, { text: key }, 0)));
      const codePoints = (text: string) => Buffer.from(text).toString("hex");
      const sorted = [...keys].sort((one, two) => (codePoints(one) < codePoints(two) ? -1 : 1));
      expect((await collection.list()).map((record) => record.key)).toEqual(sorted);
      expect((await collection.list("/a_")).map((record) => record.key)).toEqual(["/a_/x"]);
      expect((await collection.list("/a%")).map((record) => record.key)).toEqual(["/a%/x"]);
      for (const key of keys) expect((await collection.get(key))?.value.text).toBe(key);
    });

    it("lists the first few, if no more are wanted, goes on behind a key, and counts them all", async () => {
      const store = open();
      const collection = store.collection(notes);
      await store.commit(["/b", "/a/2", "/a/1", "/a/3"].map((key) => collection.put(key, { text: key }, 0)));
      expect((await collection.list("/a/", 2)).map((record) => record.key)).toEqual(["/a/1", "/a/2"]);
      expect((await collection.list("/a/", 2, "/a/2")).map((record) => record.key)).toEqual(["/a/3"]);
      expect((await collection.list("/a/", 1, "/a/")).map((record) => record.key)).toEqual(["/a/1"]);
      expect(await collection.list("/c", 2)).toEqual([]);
      expect([await collection.count("/a/"), await collection.count(""), await collection.count("/c")]).toEqual([3, 4, 0]);
    });

    it("refuses to create what exists already, and says its noun and name", async () => {
      const store = open();
      const collection = store.collection(notes);
      await store.commit([collection.put("/a", { text: "one" }, 0)]);
      await expect(store.commit([collection.put("/a", { text: "two" }, 0)])).rejects.toMatchObject({
        code: "conflict",
        message: "The note /a exists already.",
      });
    });

    it.each([
      ["/Prod", "/prod"],
      ["/caf\u00e9", "/CAFE\u0301"],
      ["/\uff21", "/a"],
    ])("refuses a twin of an existing name (%s and %s), with and without a revision", async (key, twin) => {
      const store = open();
      const collection = store.collection(notes);
      await store.commit([collection.put(key, { text: "one" }, 0)]);
      for (const ifRevision of [0, undefined])
        await expect(store.commit([collection.put(twin, { text: "two" }, ifRevision)])).rejects.toMatchObject({
          code: "conflict",
          message: `The note ${twin} would be a twin of ${key}, which exists already.`,
        });
      expect(await collection.get(twin)).toBeUndefined();
      await store.commit([collection.remove(key, 1), collection.put(twin, { text: "two" }, 0)]);
      expect((await collection.list()).map((record) => record.key)).toEqual([twin]);
    });

    it("refuses a write, a removal and a touch of a record that has moved on", async () => {
      const store = open();
      const collection = store.collection(notes);
      await store.commit([collection.put("/a", { text: "one" }, 0)]);
      await store.commit([collection.put("/a", { text: "two" }, 1)]);
      for (const change of [collection.put("/a", { text: "x" }, 1), collection.remove("/a", 1), collection.touch("/a", 1)])
        await expect(store.commit([change])).rejects.toMatchObject({ code: "conflict", message: "The note /a was changed meanwhile." });
      expect(await collection.get("/a")).toMatchObject({ value: { text: "two" }, revision: 2 });
    });

    it("says not_found for a conditional write of an absent record", async () => {
      const store = open();
      const collection = store.collection(notes);
      for (const change of [collection.put("/a", { text: "x" }, 1), collection.remove("/a", 1), collection.touch("/a", 1)])
        await expect(store.commit([change])).rejects.toMatchObject({ code: "not_found", message: "The note /a does not exist." });
      expect(await collection.get("/a")).toBeUndefined();
    });

    it("moves the revision on with a touch, and leaves the record as it is", async () => {
      const store = open();
      const collection = store.collection(notes);
      await store.commit([collection.put("/a", { text: "one", secret: "s" }, 0)]);
      await store.commit([collection.touch("/a", 1)]);
      expect(await collection.get("/a")).toEqual({ key: "/a", value: { text: "one", secret: "s" }, revision: 2 });
    });

    it("commits beside a vacant key, and not beside a taken one or its twin", async () => {
      const store = open();
      const collection = store.collection(notes);
      const beside = (key: string) => [store.collection(others).put("/a", { text: "x" }), collection.vacant(key)];
      await store.commit(beside("/a"));
      expect(await collection.list()).toEqual([]);
      await store.commit([collection.put("/a", { text: "one" }, 0)]);
      await expect(store.commit(beside("/a"))).rejects.toMatchObject({ code: "conflict", message: "The note /a exists already." });
      await expect(store.commit(beside("/A"))).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining("a twin of /a"),
      });
      expect([(await collection.get("/a"))?.revision, (await store.collection(others).get("/a"))?.revision]).toEqual([1, 1]);
    });

    it("removes, and does not mind that there is nothing to remove", async () => {
      const store = open();
      const collection = store.collection(notes);
      await store.commit([collection.put("/a", { text: "one", secret: "s" }, 0)]);
      await store.commit([collection.remove("/a")]);
      await store.commit([collection.remove("/a")]);
      expect(await collection.get("/a")).toBeUndefined();
    });

    it("commits all of it or nothing", async () => {
      const store = open();
      const collection = store.collection(notes);
      await store.commit([collection.put("/b", { text: "one" }, 0)]);
      const changes = [
        collection.put("/a", { text: "new", secret: "s" }, 0),
        collection.remove("/b", 1),
        store.collection(others).put("/c", { text: "new" }, 0),
        collection.touch("/gone", 1),
      ];
      await expect(store.commit(changes)).rejects.toMatchObject({ code: "not_found" });
      expect((await collection.list()).map((record) => record.key)).toEqual(["/b"]);
      expect(await store.collection(others).list()).toEqual([]);
    });

    it("keeps the value as it was when the change was made", async () => {
      const store = open();
      const collection = store.collection(notes);
      const value: Note = { text: "one" };
      const change = collection.put("/a", value, 0);
      value.text = "two";
      await store.commit([change]);
      const read = await collection.get("/a");
      // Some give out what nobody can change.
      Reflect.set(read?.value ?? {}, "text", "three");
      expect((await collection.get("/a"))?.value.text).toBe("one");
    });

    it("gives each number once per name", async () => {
      const store = open();
      expect([await store.nextId("a"), await store.nextId("a"), await store.nextId("b"), await store.nextId("a")]).toEqual([1, 2, 1, 3]);
    });

    it("refuses a key that is not valid Unicode text, and finds nothing under it", async () => {
      const store = open();
      const collection = store.collection(notes);
      await store.commit([collection.put("/\ufffd", { text: "another" }, 0)]);
      expect(await collection.get("/\ud800")).toBeUndefined();
      expect(() => collection.put("/\ud800", { text: "x" })).toThrow(expect.objectContaining({ code: "usage" }));
    });
  });
}
