import { describe, expect, it } from "vitest";
import type { ObjectAdapter, Vault } from "../../src/features/objects/port.ts";
import { shelfContract } from "./shelf.ts";

export interface SecretWorld {
  adapter: ObjectAdapter;
  vault: Vault;
  /** A vault of the same world in which the target has no role. */
  forbidden: Vault;
  settle(): void;
}

/** What every `ObjectAdapter` promises, with what it promises as a shelf. `open` gives an empty vault. */
export function secretAdapterContract(name: string, open: () => Promise<SecretWorld>): void {
  shelfContract(`${name}, of secrets,`, async () => {
    const { adapter, ...world } = await open();
    return { ...world, shelf: adapter, put: (each, more) => adapter.set(world.vault, each, { value: each, ...more }) };
  });

  describe(`${name} keeps the promises of an adapter of secrets`, () => {
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
      expect(made).toMatchObject({ name: "A-1", managed: false });
      expect(made).not.toHaveProperty("value");
      expect(await adapter.get(vault, "A-1")).toMatchObject({ ...write, created: made.created, updated: made.updated });
      for await (const page of adapter.pages(vault)) expect(page.items).toMatchObject([{ contentType: "text/plain", managed: false }]);
    });

    it.each(["", "-", " ", "\u0000", "x".repeat(25_600)])("the value %j comes back", async (value) => {
      const { adapter, vault } = await open();
      await adapter.set(vault, "v", { value });
      expect((await adapter.get(vault, "v")).value).toBe(value);
    });

    it("a set makes a new version that inherits nothing, and the old one stays readable", async () => {
      const { adapter, vault } = await open();
      const first = await adapter.set(vault, "x", { value: "1", contentType: "t" });
      const second = await adapter.set(vault, "x", { value: "2" });
      expect(second.contentType).toBeUndefined();
      expect((await adapter.get(vault, "x")).value).toBe("2");
      expect((await adapter.get(vault, "x", first.version)).value).toBe("1");
    });

    it("a disabled secret is forbidden to read, with the reason", async () => {
      const { adapter, vault } = await open();
      await adapter.set(vault, "off", { value: "1", enabled: false });
      await expect(adapter.get(vault, "off")).rejects.toMatchObject({ code: "forbidden", details: { reason: "disabled" } });
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

    it("who may not write is told so, and not that there is nothing", async () => {
      const { adapter, forbidden } = await open();
      const refused = { code: "forbidden" };
      await expect(adapter.set(forbidden, "no", { value: "1" })).rejects.toMatchObject(refused);
      await expect(adapter.change(forbidden, "no", undefined, { enabled: true })).rejects.toMatchObject(refused);
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
