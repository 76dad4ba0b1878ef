import { beforeEach, describe, expect, it } from "vitest";
import { openLab } from "../emulator/support.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { refused } from "../support/house.ts";
import { memoryStore } from "../support/memory-store.ts";
import { rotationHouse } from "../support/rotation-house.ts";

const lab = await openLab({ name: "lab" });
const given = { "api-id": crypto.randomUUID(), "api-key": "somebody's", "skip-dry-run": true };
const creations = {
  "create-usc": { "target-to-associate": "t", "azure-kv-name": "demo" },
  "rotated-secret create azure": { "target-name": "t", "rotator-type": "api-key", ...given },
};

let house: Awaited<ReturnType<typeof rotationHouse>>;
beforeEach(async () => (house = await rotationHouse(lab, memoryStore(), systemClock)));
const shown = async (name = "/x") => (await house.call("describe-item", { name }))["item_custom_fields_details"];

describe.each(Object.entries(creations))("custom fields of an item that %s makes", (create, input) => {
  const make = (fields?: unknown) => house.call(create, { name: "/x", ...input, "item-custom-fields": fields });

  it("are shown by their names, as they were given: pairs of a command line, or an object over HTTP", async () => {
    await make(["owner=team-a", "ticket=A=1"]);
    expect(await shown()).toEqual([
      { name: "owner", value: "team-a" },
      { name: "ticket", value: "A=1" },
    ]);
    const { items } = (await house.call("list-items")) as { items: Record<string, unknown>[] };
    expect(items.map((item) => item["item_custom_fields_details"])).toEqual([await shown()]);
  });

  it("are an empty list where none was given", async () => {
    await make();
    expect(await shown()).toEqual([]);
  });

  it("are replaced as a whole by update-item; where it gives none they stay; none of them is left by an empty object", async () => {
    await make({ owner: "team-a", ticket: "1" });
    await house.call("update-item", { name: "/x", "add-tag": ["a"] });
    expect(await shown()).toHaveLength(2);
    await house.call("update-item", { name: "/x", "item-custom-fields": { owner: "team-b" } });
    expect(await shown()).toEqual([{ name: "owner", value: "team-b" }]);
    await house.call("update-item", { name: "/x", "item-custom-fields": {} });
    expect(await shown()).toEqual([]);
  });

  it("move with it", async () => {
    await make({ owner: "team-a" });
    await house.call("move-objects", { source: "/x", target: "/y/x" });
    expect(await shown("/y/x")).toEqual([{ name: "owner", value: "team-a" }]);
  });

  it("are texts", async () => {
    await expect(make({ owner: 7 })).rejects.toEqual(refused("usage", /item-custom-fields/u));
  });
});

it("rotated-secret update azure replaces those of a rotated secret", async () => {
  await house.call("rotated-secret create azure", {
    name: "/x",
    ...creations["rotated-secret create azure"],
    "item-custom-fields": { a: "1", b: "2" },
  });
  await house.call("rotated-secret update azure", { name: "/x", "rotation-hour": 3 });
  expect(await shown()).toHaveLength(2);
  await house.call("rotated-secret update azure", { name: "/x", "item-custom-fields": { c: "3" } });
  expect(await shown()).toEqual([{ name: "c", value: "3" }]);
});
