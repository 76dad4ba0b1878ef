import { describe, expect, it } from "vitest";
import type { ObjectAdapter, SecretProperties, Vault } from "../../src/features/objects/port.ts";

export interface ObjectWorld {
  adapter: ObjectAdapter;
  vault: Vault;
  /** A vault of the same world in which the target has no role. */
  forbidden: Vault;
  /** Lets the time pass that a deletion or purge takes to become visible. */
  settle(): void;
}

/** What every `ObjectAdapter` promises. `open` gives an empty vault. */
export function objectAdapterContract(name: string, open: () => Promise<ObjectWorld>): void {
  describe(`${name} keeps the promises of an object adapter`, () => {
    it("what is set is got, as it was", async () => {
      const { adapter, vault } = await open();
      const write = {
        value: "tail\r\n\n 🗝 @x --flag ",
        contentType: "text/plain",
        enabled: true,
        // Beyond the 32 bits of seconds that end in 2038.
        expires: 2_208_988_800_000,
        notBefore: 1_000_000_000_000,
        tags: { a: "1", ä: "2" },
      };
      const made = await adapter.set(vault, "A-1", write);
      expect(made).toMatchObject({ name: "A-1", version: expect.stringMatching(/^[0-9a-f]{32}$/), managed: false });
      expect(made).not.toHaveProperty("value");
      const got = await adapter.get(vault, "A-1");
      expect(got).toMatchObject({ ...write, id: `${vault.url}/secrets/A-1/${made.version}`, created: made.created, updated: made.updated });
    });

    it.each(["", "-", " ", "\u0000", "x".repeat(25_600)])("the value %j comes back", async (value) => {
      const { adapter, vault } = await open();
      await adapter.set(vault, "v", { value });
      expect((await adapter.get(vault, "v")).value).toBe(value);
    });

    it("a set makes a new version that inherits nothing, and the old one stays readable", async () => {
      const { adapter, vault } = await open();
      const first = await adapter.set(vault, "x", { value: "1", tags: { a: "1" }, contentType: "t" });
      const second = await adapter.set(vault, "x", { value: "2" });
      expect(second).toMatchObject({ tags: {} });
      expect(second.contentType).toBeUndefined();
      expect((await adapter.get(vault, "x")).value).toBe("2");
      expect((await adapter.get(vault, "x", first.version)).value).toBe("1");
    });

    it("absent is not_found for each verb, and an absent deleted object is undefined", async () => {
      const { adapter, vault } = await open();
      const absent = { code: "not_found" };
      await expect(adapter.get(vault, "no")).rejects.toMatchObject(absent);
      await expect(adapter.delete(vault, "no")).rejects.toMatchObject(absent);
      expect(await adapter.deleted(vault, "no")).toBeUndefined();
      expect(await adapter.purge(vault, "no")).toBe("absent");
    });

    it("lists every secret once, without value or version, in pages of at most `size`, and goes on from a page's token", async () => {
      const { adapter, vault } = await open();
      const names = Array.from({ length: 30 }, (_, index) => `s${String(index).padStart(2, "0")}`);
      await Promise.all(names.map((each) => adapter.set(vault, each, { value: each, contentType: "t", tags: { n: each } })));
      const items: SecretProperties[] = [];
      let token: string | undefined;
      for await (const page of adapter.pages(vault)) items.push(...page.items);
      expect(items.map((item) => item.name)).toEqual(names);
      expect(items[3]).toMatchObject({ id: `${vault.url}/secrets/s03`, contentType: "t", tags: { n: "s03" }, enabled: true });
      for (const item of items) for (const key of ["value", "version"]) expect(item).not.toHaveProperty(key);

      const paged: string[] = [];
      do {
        for await (const page of adapter.pages(vault, { size: 7, token })) {
          expect(page.items.length).toBeLessThanOrEqual(7);
          paged.push(...page.items.map((item) => item.name));
          token = page.next;
          break;
        }
      } while (token !== undefined);
      expect(paged).toEqual(names);
    });

    it("a deleted name is held until it is purged", async () => {
      const { adapter, vault, settle } = await open();
      await adapter.set(vault, "x", { value: "1" });
      expect(await adapter.delete(vault, "x")).toMatchObject({ name: "x", deleted: expect.any(Number) });
      expect(["deleting", "purged"]).toContain(await adapter.purge(vault, "x"));

      await adapter.set(vault, "y", { value: "1" });
      await adapter.delete(vault, "y");
      settle();
      expect(await adapter.deleted(vault, "y")).toMatchObject({ name: "y", scheduledPurge: expect.any(Number) });
      await expect(adapter.get(vault, "y")).rejects.toMatchObject({ code: "not_found" });
      await expect(adapter.delete(vault, "y")).rejects.toMatchObject({ code: "not_found" });
      await expect(adapter.set(vault, "y", { value: "2" })).rejects.toMatchObject({ code: "conflict" });
      expect(await adapter.purge(vault, "y")).toBe("purged");
      settle();
      expect(await adapter.deleted(vault, "y")).toBeUndefined();
      expect((await adapter.set(vault, "y", { value: "2" })).name).toBe("y");
    });

    it("a disabled secret is listed, forbidden to read, and still seen when deleted", async () => {
      const { adapter, vault, settle } = await open();
      await adapter.set(vault, "off", { value: "1", enabled: false });
      await expect(adapter.get(vault, "off")).rejects.toMatchObject({ code: "forbidden" });
      for await (const page of adapter.pages(vault)) expect(page.items).toMatchObject([{ name: "off", enabled: false }]);
      await adapter.delete(vault, "off");
      settle();
      expect(await adapter.deleted(vault, "off")).toMatchObject({ name: "off", enabled: false });
    });

    it("attributes change in place: no new version, only what is named, and tags as one set", async () => {
      const { adapter, vault } = await open();
      const first = await adapter.set(vault, "x", { value: "1", contentType: "t", tags: { a: "1", b: "2" } });
      const changed = await adapter.change(vault, "x", undefined, { enabled: false, expires: 2_000_000_000_000 });
      expect(changed).toMatchObject({
        version: first.version,
        enabled: false,
        contentType: "t",
        tags: { a: "1", b: "2" },
        expires: 2_000_000_000_000,
      });
      await adapter.change(vault, "x", undefined, { enabled: true, tags: { c: "3" } });
      expect(await adapter.get(vault, "x")).toMatchObject({ value: "1", version: first.version, tags: { c: "3" } });
      const second = await adapter.set(vault, "x", { value: "2" });
      await adapter.change(vault, "x", first.version, { contentType: "old" });
      expect(await adapter.get(vault, "x")).toMatchObject({ version: second.version, value: "2" });
      expect(await adapter.get(vault, "x", first.version)).toMatchObject({ contentType: "old" });
      await expect(adapter.change(vault, "no", undefined, { enabled: true })).rejects.toMatchObject({ code: "not_found" });
    });

    it("every version is listed, without its value; an unknown name has none", async () => {
      const { adapter, vault } = await open();
      const made: (string | undefined)[] = [];
      for (let index = 0; index < 30; index += 1) made.push((await adapter.set(vault, "x", { value: String(index) })).version);
      const found: SecretProperties[] = [];
      for await (const page of adapter.versions(vault, "x")) found.push(...page.items);
      expect(new Set(found.map(({ version }) => version))).toEqual(new Set(made));
      expect(found).toHaveLength(30);
      expect(found[0]).not.toHaveProperty("value");
      for await (const page of adapter.versions(vault, "no")) expect(page.items).toEqual([]);
    });

    it("a deleted object comes back with its versions", async () => {
      const { adapter, vault, settle } = await open();
      await adapter.set(vault, "x", { value: "1" });
      await adapter.set(vault, "x", { value: "2" });
      expect(await adapter.recover(vault, "x")).toBe("live");
      await adapter.delete(vault, "x");
      settle();
      const listed: string[] = [];
      for await (const page of adapter.deletedPages(vault))
        listed.push(...page.items.map((item) => `${item.name} ${typeof item.scheduledPurge}`));
      expect(listed).toEqual(["x number"]);
      expect(await adapter.recover(vault, "x")).toBe("recovering");
      settle();
      expect(await adapter.recover(vault, "x")).toBe("live");
      expect((await adapter.get(vault, "x")).value).toBe("2");
      expect(await adapter.recover(vault, "no")).toBe("absent");
    });

    it("forbidden never looks like absent", async () => {
      const { adapter, forbidden } = await open();
      const refused = { code: "forbidden" };
      await expect(adapter.get(forbidden, "no")).rejects.toMatchObject(refused);
      await expect(adapter.set(forbidden, "no", { value: "1" })).rejects.toMatchObject(refused);
      await expect(adapter.delete(forbidden, "no")).rejects.toMatchObject(refused);
      await expect(adapter.deleted(forbidden, "no")).rejects.toMatchObject(refused);
      await expect(adapter.purge(forbidden, "no")).rejects.toMatchObject(refused);
      await expect(adapter.recover(forbidden, "no")).rejects.toMatchObject(refused);
      await expect(adapter.change(forbidden, "no", undefined, { enabled: true })).rejects.toMatchObject(refused);
      await expect(adapter.versions(forbidden, "no")[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused);
      await expect(adapter.deletedPages(forbidden)[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused);
      await expect(adapter.pages(forbidden)[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused);
    });

    it("sixteen parallel sets keep sixteen values", async () => {
      const { adapter, vault } = await open();
      const names = Array.from({ length: 16 }, (_, index) => `p${index}`);
      await Promise.all(names.map((each) => adapter.set(vault, each, { value: `value of ${each}` })));
      const values = await Promise.all(names.map((each) => adapter.get(vault, each)));
      expect(values.map(({ value }) => value)).toEqual(names.map((each) => `value of ${each}`));
    });

    it("what the vault does not take is usage", async () => {
      const { adapter, vault } = await open();
      await expect(adapter.set(vault, "big", { value: "x".repeat(25_601) })).rejects.toMatchObject({ code: "usage" });
    });
  });
}
