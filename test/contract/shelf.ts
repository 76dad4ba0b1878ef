import { describe, expect, it } from "vitest";
import type { ObjectProperties, Page, Shelf, Vault } from "../../src/features/objects/port.ts";

export interface ShelfWorld {
  shelf: Shelf;
  vault: Vault;
  /** A vault of the same world in which the target has no role. */
  forbidden: Vault;
  /** Makes a version. */
  put(name: string, more?: { enabled?: boolean; tags?: Record<string, string> }): Promise<ObjectProperties>;
  /** Lets the time pass that a deletion, recovery or purge takes to become visible. */
  settle(): void;
}

/** What every `Shelf` promises, whatever stands on it. `open` gives an empty vault. */
export function shelfContract(name: string, open: () => Promise<ShelfWorld>): void {
  describe(`${name} keeps the promises of a shelf`, () => {
    reading(open);
    removing(open);
    it("forbidden never looks like absent", async () => {
      const { shelf, forbidden } = await open();
      const asked = [
        shelf.get(forbidden, "no"),
        shelf.delete(forbidden, "no"),
        shelf.deleted(forbidden, "no"),
        shelf.recover(forbidden, "no"),
        shelf.purge(forbidden, "no"),
        all(shelf.pages(forbidden)),
        all(shelf.versions(forbidden, "no")),
        all(shelf.deletedPages(forbidden)),
      ];
      for (const each of await Promise.allSettled(asked)) expect(each).toMatchObject({ reason: { code: "forbidden" } });
    });
  });
}

function reading(open: () => Promise<ShelfWorld>): void {
  it("what is put is got, whole or by its version, and a new version inherits nothing", async () => {
    const { shelf, vault, put } = await open();
    const first = await put("A-1", { tags: { a: "1", ä: "2" } });
    expect(first).toMatchObject({ name: "A-1", version: expect.stringMatching(/^[0-9a-f]{32}$/), enabled: true });
    const got = await shelf.get(vault, "A-1");
    expect(got).toMatchObject({ ...first, id: `${vault.url}/${shelf.noun}s/A-1/${first.version}`, tags: { a: "1", ä: "2" } });
    const second = await put("A-1");
    expect(await shelf.get(vault, "A-1")).toMatchObject({ version: second.version, tags: {} });
    expect(await shelf.get(vault, "A-1", first.version)).toMatchObject({ version: first.version, tags: { a: "1", ä: "2" } });
  });

  it("absent is not_found, or said as absent", async () => {
    const { shelf, vault, put } = await open();
    await put("x");
    const absent = { code: "not_found" };
    await expect(shelf.get(vault, "no")).rejects.toMatchObject(absent);
    await expect(shelf.get(vault, "x", "0".repeat(32))).rejects.toMatchObject(absent);
    await expect(shelf.delete(vault, "no")).rejects.toMatchObject(absent);
    expect(await shelf.deleted(vault, "no")).toBeUndefined();
    expect(await shelf.recover(vault, "no")).toBe("absent");
    expect(await shelf.purge(vault, "no")).toBe("absent");
    expect(await shelf.purge(vault, "x")).toBe("absent");
    expect(await all(shelf.versions(vault, "no"))).toEqual([]);
  });

  it("lists each once, without value or version, in pages of at most `size`, and goes on from a page's token", async () => {
    const { shelf, vault, put } = await open();
    const names = Array.from({ length: 30 }, (_, index) => `s${String(index).padStart(2, "0")}`);
    await Promise.all(names.map((each) => put(each, { tags: { n: each } })));
    const items = await all(shelf.pages(vault));
    expect(items.map((item) => item.name)).toEqual(names);
    expect(items[3]).toMatchObject({ id: `${vault.url}/${shelf.noun}s/s03`, tags: { n: "s03" }, enabled: true });
    for (const item of items) for (const key of ["value", "der", "version"]) expect(item).not.toHaveProperty(key);

    const paged: string[] = [];
    let token: string | undefined;
    do {
      for await (const page of shelf.pages(vault, { size: 7, token })) {
        expect(page.items.length).toBeLessThanOrEqual(7);
        paged.push(...page.items.map((item) => item.name));
        token = page.next;
        break;
      }
    } while (token !== undefined);
    expect(paged).toEqual(names);
  });

  it("every version is listed, without its value", async () => {
    const { shelf, vault, put } = await open();
    const made: (string | undefined)[] = [];
    for (let index = 0; index < 30; index += 1) made.push((await put("x", { tags: { n: String(index) } })).version);
    const found = await all(shelf.versions(vault, "x"));
    expect(found).toHaveLength(30);
    expect(new Set(found.map(({ version }) => version))).toEqual(new Set(made));
    expect(found.find(({ version }) => version === made[7])).toMatchObject({ name: "x", tags: { n: "7" }, created: expect.any(Number) });
    for (const key of ["value", "der"]) expect(found[0]).not.toHaveProperty(key);
  });

  it("a disabled one is listed as such, and still seen when deleted", async () => {
    const { shelf, vault, put, settle } = await open();
    await put("off", { enabled: false });
    expect(await all(shelf.pages(vault))).toMatchObject([{ name: "off", enabled: false }]);
    await shelf.delete(vault, "off");
    settle();
    expect(await shelf.deleted(vault, "off")).toMatchObject({ name: "off", enabled: false });
  });
}

function removing(open: () => Promise<ShelfWorld>): void {
  it("a deleted name is held until it is purged", async () => {
    const { shelf, vault, put, settle } = await open();
    await put("x");
    expect(await shelf.delete(vault, "x")).toMatchObject({ name: "x", deleted: expect.any(Number) });
    expect(["deleting", "purged"]).toContain(await shelf.purge(vault, "x"));

    await put("y");
    await shelf.delete(vault, "y");
    settle();
    expect(await shelf.deleted(vault, "y")).toMatchObject({ name: "y", scheduledPurge: expect.any(Number) });
    await expect(shelf.get(vault, "y")).rejects.toMatchObject({ code: "not_found" });
    await expect(shelf.delete(vault, "y")).rejects.toMatchObject({ code: "not_found" });
    await expect(put("y")).rejects.toMatchObject({ code: "conflict", details: { reason: "deleted" } });
    expect(await shelf.purge(vault, "y")).toBe("purged");
    settle();
    expect(await shelf.deleted(vault, "y")).toBeUndefined();
    expect((await put("y")).name).toBe("y");
  });

  it("a deleted object comes back with its versions", async () => {
    const { shelf, vault, put, settle } = await open();
    const first = await put("x", { tags: { n: "1" } });
    const second = await put("x", { tags: { n: "2" } });
    expect(await shelf.recover(vault, "x")).toBe("live");
    await shelf.delete(vault, "x");
    settle();
    const listed = await all(shelf.deletedPages(vault));
    expect(listed).toMatchObject([{ name: "x", scheduledPurge: expect.any(Number) }]);
    expect(await shelf.recover(vault, "x")).toBe("recovering");
    settle();
    expect(await shelf.recover(vault, "x")).toBe("live");
    expect(await shelf.get(vault, "x")).toMatchObject({ version: second.version, tags: { n: "2" } });
    expect(await shelf.get(vault, "x", first.version)).toMatchObject({ tags: { n: "1" } });
  });

  it("the deleted are listed each once, in pages of at most `size`", async () => {
    const { shelf, vault, put, settle } = await open();
    const names = Array.from({ length: 9 }, (_, index) => `d${index}`);
    await Promise.all(names.map((each) => put(each)));
    await put("live");
    for (const each of names) await shelf.delete(vault, each);
    settle();
    const found: string[] = [];
    for await (const page of shelf.deletedPages(vault, { size: 4 })) {
      expect(page.items.length).toBeLessThanOrEqual(4);
      found.push(...page.items.map((item) => item.name));
    }
    expect(found).toEqual(names);
  });
}

async function all<Item>(pages: AsyncIterable<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...page.items);
  return items;
}
