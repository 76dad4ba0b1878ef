import { beforeAll, describe, expect, it } from "vitest";
import { azureHouse, type AzureHouse } from "../support/azure-house.ts";

const writes: Record<string, { command: string; input: Record<string, unknown>; versions: number }> = {
  create: { command: "create", input: { value: "new" }, versions: 1 },
  "create --overwrite": { command: "create", input: { value: "new", overwrite: true }, versions: 2 },
  update: { command: "update", input: { value: "new" }, versions: 2 },
};
const lost = { "a 500": { status: 500, takes_effect: true }, "a reset": { reset: "after" }, "a cut": { cut: 5 } };
const cells = Object.keys(writes).flatMap((write) => Object.entries(lost).map(([what, fault]) => ({ write, what, fault })));

// As far as Kerberos, and so many a network, lets two clocks drift.
describe.each([-240_000, 240_000])("a vault whose clock is %d ms off ours", (off) => {
  let house: AzureHouse;
  beforeAll(async () => {
    house = await azureHouse();
    await house.control("POST", "/clock", { now: house.clock.now() + off });
  });

  it.each(cells)("makes one version of $write when $what takes the answer", async ({ write, fault }) => {
    const { command, input, versions } = writes[write] as (typeof writes)[string];
    await house.place("x", versions === 1 ? "absent" : "live", "old");
    await house.control("POST", "/faults", { method: "PUT", ...fault });
    const name = command === "create" ? { "secret-name": "x" } : { "secret-id": "x" };
    const { code } = await house.call(command, { ...name, ...input });
    await house.control("DELETE", "/faults");
    expect({ code, ...(await house.look("x")) }).toEqual({ code: "ok", is: "live new", versions });
  });
});
