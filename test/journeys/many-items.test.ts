import { afterAll, describe, expect, it } from "vitest";
import { vaultUrl } from "../../src/adapters/azure/vault-url.ts";
import { openStore } from "../../src/adapters/state/index.ts";
import { operations } from "../../src/features/connectors/index.ts";
import { rotatedItems } from "../../src/features/rotation/items.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { invoke } from "../../src/kernel/operation.ts";
import { pageOf } from "../../src/kernel/page.ts";
import { cli } from "../support/cli.ts";
import { memoryWitness } from "../support/memory-audit.ts";

const { usc, home, clean } = cli();
afterAll(clean);
const guid = "11111111-2222-4333-8444-555555555555";
await usc(["target", "create", "azure", "--name", "t", "--tenant-id", guid, "--client-id", guid, "--client-secret", "canary-3a77"]);

// The rest lies beside /many, where a careless prefix would take it along.
const many = Array.from({ length: 1000 }, (_, index) => `/many/${String(index % 25).padStart(2, "0")}/kv-${index}`).sort();
const beside = ["/many-more/kv", "/other", "/zzz/～", "/zzz/😀"];
const store = openStore({ home });
const room = operations({ store, clock: systemClock, vaultAddress: vaultUrl, may: () => true, others: rotatedItems(store) });
const { witness } = memoryWitness(systemClock);
const create = room.find(({ name }) => name === "create-usc");

async function add(name: string, tag: string[] = []): Promise<void> {
  if (create === undefined) throw new Error("no create-usc");
  await invoke(create, { name, tag, "target-to-associate": "t", "azure-kv-name": "vvv" }, witness);
}

for (const [index, name] of [...many, ...beside].entries()) await add(name, index % 2 === 0 ? ["even"] : []);

interface Listed {
  items: { item_name: string }[];
  folders: string[];
  next_page: string;
}

/** All pages of `list-items`, each asked with the token of the one before. */
async function listed(...flags: string[]): Promise<Listed & { pages: number }> {
  const all: Listed & { pages: number } = { items: [], folders: [], next_page: "", pages: 0 };
  do {
    const token = all.next_page === "" ? [] : ["--pagination-token", all.next_page];
    const { items, folders, next_page } = (await usc(["list-items", ...flags, ...token])).json as unknown as Listed;
    all.items.push(...items);
    Object.assign(all, { folders, next_page, pages: all.pages + 1 });
  } while (all.next_page !== "");
  return all;
}

const pathsOf = ({ items }: Listed): string[] => items.map((item) => item.item_name);

describe("1,000 items and some", () => {
  it("are listed each once and in order, page by page, with all their folders", async () => {
    const all = await listed();
    expect(pathsOf(all)).toEqual(["/many-more/kv", ...many, "/other", "/zzz/～", "/zzz/😀"]);
    expect(all.pages).toBe(2);
    expect(all.folders).toHaveLength(27);
    expect(pathsOf(await listed("--path", "/many"))).toEqual(many);
    expect(pathsOf(await listed("--path", "/many", "--tag", "even"))).toEqual(many.filter((_, index) => index % 2 === 0));
    expect(pathsOf(await listed("--filter", "KV-99"))).toEqual(many.filter((name) => name.includes("kv-99")));
  });

  it("are listed each once also where a page ends between two letters that UTF-8 and UTF-16 order otherwise", () => {
    const records = [...many.slice(0, 999), "/zzz/～", "/zzz/😀"].map((key) => ({ key }));
    const first = pageOf(records, undefined);
    expect(pageOf(records, first.next_page).page).toEqual([{ key: "/zzz/😀" }]);
  });

  it("move as one: all of them, or none if a single one cannot", async () => {
    await add("/live/24/KV-1000");
    await add("/many/24/kv-1000");
    const clash = await usc(["move-objects", "--source", "/many", "--target", "/live"]);
    expect(clash.failure).toMatchObject({ code: "conflict", error: expect.stringContaining("/live/24/KV-1000") });
    expect(pathsOf(await listed("--path", "/many"))).toHaveLength(1001);
    expect(pathsOf(await listed("--path", "/live"))).toEqual(["/live/24/KV-1000"]);

    await usc(["delete-item", "--name", "/live/24/KV-1000"]);
    const { moved } = (await usc(["move-objects", "--source", "/many", "--target", "/live"])).json as {
      moved: { from: string; to: string }[];
    };
    expect(moved).toHaveLength(1001);
    expect(moved.filter(({ from, to }) => from.replace("/many/", "/live/") !== to)).toEqual([]);
    const live = await listed("--path", "/live");
    expect(pathsOf(live)).toEqual(moved.map(({ to }) => to));
    expect(pathsOf(await listed())).toEqual([...pathsOf(live), ...beside]);
  });
});
