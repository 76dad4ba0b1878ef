import { expect, it } from "vitest";
import { azureHouse } from "../support/azure-house.ts";

it.each(["secret", "certificate"])(
  "a deletion of a %s that may be under way is waited for as long as Key Vault may take, and then there was none",
  async (noun) => {
    const house = await azureHouse();
    const input = { "object-type": noun, "secret-id": "gone", "force-delete": true };
    await house.control("POST", "/faults", { method: "DELETE", path: `/${noun}s/gone`, drop: "before", times: 1000 });
    expect(await house.call("delete", { ...input, timeout: 12 })).toMatchObject({ code: "unavailable" });
    await house.control("DELETE", "/faults");
    const began = house.clock.now();
    expect(await house.call("delete", input)).toMatchObject({
      code: "not_found",
      error: { message: expect.stringContaining(`no ${noun} gone`) },
    });
    expect(house.clock.now() - began).toBeLessThan(180_000);
    expect(await house.unfinished()).toEqual([]);
  },
);
