import { describe, expect, it } from "vitest";
import { openLab } from "../emulator/support.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { refused } from "../support/house.ts";
import { inPlaceOf } from "../support/in-place-lab.ts";
import { memoryStore } from "../support/memory-store.ts";
import { rotationHouse } from "../support/rotation-house.ts";

const lab = await openLab({ name: "lab" });
const house = await rotationHouse(lab, memoryStore(), systemClock);
await inPlaceOf(lab).account("files");

/** What each rotator alone knows. */
const own: Record<string, Record<string, unknown>> = {
  "api-key": { "app-id": lab.ready.client_id, "api-id": crypto.randomUUID(), "api-key": "somebody's" },
  target: {},
  password: {
    username: "ada@local.onmicrosoft.com",
    password: "Correct-Horse-1",
    "password-length": 30,
    "password-policy-contains-capital-letters": true,
    "password-policy-contains-lower-letters": true,
    "password-policy-contains-numbers": true,
    // What says no says something, too.
    "password-policy-contains-special-characters": false,
  },
  "azure-storage-account": {
    "storage-account-key-name": "key1",
    "explicitly-set-sa": true,
    "resource-group-name": "local",
    "resource-name": "files",
  },
};
await house.call("target update azure", { name: "t", "subscription-id": lab.ready.subscription_id });

describe.each(Object.entries(own))("--rotator-type %s", (type, mine) => {
  const whose = { name: `/${type}`, "target-name": "t", "rotator-type": type, ...mine, "skip-dry-run": true };
  const foreign = Object.entries(own)
    .filter(([other]) => other !== type)
    .flatMap(([, fields]) => Object.entries(fields));

  it.each(foreign)("is not created with --%s %s", async (flag, value) => {
    await expect(house.call("rotated-secret create azure", { ...whose, name: "/none", [flag]: value })).rejects.toEqual(
      refused("usage", new RegExp(`^--${flag} does not belong to --rotator-type ${type}\\.$`, "u")),
    );
  });

  it("is created with its own, and with the word that clients send for an account that nobody named", async () => {
    await house.call("rotated-secret create azure", { "explicitly-set-sa": "false", ...whose });
  });

  it.each(foreign)("is not changed with --%s %s", async (flag, value) => {
    await expect(house.call("rotated-secret update azure", { name: whose.name, [flag]: value })).rejects.toEqual(
      refused("usage", new RegExp(`^--${flag} does not belong to --rotator-type ${type}\\.$`, "u")),
    );
  });

  it("is changed with the word that clients send for an account that nobody named", async () => {
    await house.call("rotated-secret update azure", { name: whose.name, "explicitly-set-sa": "false", "rotation-hour": 3 });
  });
});
