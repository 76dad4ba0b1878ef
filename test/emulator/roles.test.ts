import { expect, test } from "vitest";
import { createEntry, type Directory } from "../../src/emulator/directory.ts";
import { identitiesOf } from "../../src/emulator/identities.ts";
import { createRoleBook } from "../../src/emulator/roles.ts";

/** Groups by name, each with its members and the moment from which they are seen. */
function groupsOf(groups: Record<string, Record<string, number>>): Pick<Directory, "groups"> {
  return {
    groups: Object.entries(groups).map(([name, members]) => ({
      ...createEntry(name, 0),
      objectId: name,
      owners: [],
      members: Object.entries(members).map(([objectId, arrives]) => ({ objectId, arrives })),
    })),
  };
}

test("a principal has the roles of the groups that hold it, at any depth, also where groups hold each other", () => {
  const directory = groupsOf({ inner: { me: 0 }, outer: { inner: 0, outer: 0 }, ring: { outer: 0 }, other: { you: 0 } });
  directory.groups[0]?.members.push({ objectId: "ring", arrives: 0 });
  expect([...identitiesOf(directory, "me", 0)].toSorted()).toEqual(["inner", "me", "outer", "ring"]);
});

test("a member that has not arrived and a group that is deleted give nothing", () => {
  const directory = groupsOf({ late: { me: 10 }, gone: { me: 0 } });
  const [, gone] = directory.groups;
  if (gone !== undefined) gone.deletedAt = 5;
  expect([...identitiesOf(directory, "me", 9)]).toEqual(["me"]);
  expect([...identitiesOf(directory, "me", 10)]).toEqual(["me", "late"]);
});

test("an assignment whose time is over is forgotten when the next one goes", () => {
  const by = { principalId: "me", principalType: "User", role: "r", createdBy: "", updatedBy: "", createdOn: 0, updatedOn: 0 };
  const text = { description: null, condition: null, conditionVersion: null };
  const assignment = { ...by, ...text, scope: "/", countsFrom: 0 };
  const book = createRoleBook({ founders: [], grants: [], assignments: [], definitions: [] }, (principal) => new Set([principal]));
  for (const name of ["one", "two", "three"]) book.assign({ ...assignment, name });
  book.unassign("one", 0, 10);
  book.unassign("two", 9, 10);
  expect(book.kept().assignments.map(({ name }) => name)).toEqual(["one", "two", "three"]);
  book.unassign("three", 10, 10);
  expect(book.kept().assignments.map(({ name }) => name)).toEqual(["two", "three"]);
});
