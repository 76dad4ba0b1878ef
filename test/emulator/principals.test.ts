import { expect, test } from "vitest";
import { createDirectory } from "../../src/emulator/directory-begin.ts";
import { createEntry, principalAtArm } from "../../src/emulator/directory.ts";

const now = Date.parse("2026-06-01T12:00:00Z");
const directory = createDirectory(now);

test("ARM knows a principal by its object id from the moment on that it has replicated there, and no longer than it lives", () => {
  const user = {
    ...createEntry("Ada", now, { graph: 0, arm: now + 60_000 }),
    principalName: "ada@local.onmicrosoft.com",
    enabled: true,
    isAdmin: false,
    passwords: [],
  };
  directory.users.push(user);
  expect(principalAtArm(directory, user.objectId, now + 59_999)).toBeUndefined();
  expect(principalAtArm(directory, user.objectId, now + 60_000)).toBe("User");
  expect(principalAtArm(directory, user.objectId, now - 60_000)).toBeUndefined();
  directory.users = [{ ...user, deletedAt: now }];
  expect(principalAtArm(directory, user.objectId, now + 60_000)).toBeUndefined();
});

test("the ready line's principal and the machine's are there from the beginning; an application is no principal", () => {
  const [principal] = directory.servicePrincipals;
  const [machine] = directory.managedIdentities;
  expect([principal, machine].map((each) => principalAtArm(directory, each?.objectId ?? "", 0))).toEqual([
    "ServicePrincipal",
    "ServicePrincipal",
  ]);
  expect(principalAtArm(directory, directory.applications[0]?.objectId ?? "", now)).toBeUndefined();
});
