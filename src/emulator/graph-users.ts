import { createEntry, isThere, type User, type UserPassword } from "./directory.ts";
import { flagIn, membersOf, textIn, type Body } from "./graph-body.ts";
import { created, noContent, ok, type GraphCall, type GraphRoute } from "./graph-call.ts";
import { readProperties, routesOf } from "./graph-entries.ts";
import { graphErrors } from "./graph-errors.ts";
import { find, kinds } from "./graph-kinds.ts";
import { selected } from "./graph-list.ts";
import { demand, writePasswords, writeUsers } from "./graph-permissions.ts";
import { userDefaults, userStandard } from "./graph-properties.ts";
import { showUser } from "./graph-shapes.ts";
import { arrivalAfter, arrivalOf } from "./replication.ts";
import type { Answer } from "./room.ts";

const resource = "User";
const own = ["accountEnabled", "displayName", "passwordProfile", "userPrincipalName"];

export const userRoutes: readonly GraphRoute[] = [
  { method: "POST", path: "/users", needs: writeUsers, run: create },
  { method: "PATCH", path: "/users/{id}", needs: [...writeUsers, ...writePasswords], run: change },
  { method: "GET", path: "/me", needs: [], run: me },
  ...routesOf(kinds.user),
];

function create(call: GraphCall): Answer {
  const { body, directory, settings, now } = call;
  for (const name of ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"]) {
    if ((body[name] ?? undefined) === undefined) throw graphErrors.missing(name, resource);
  }
  const principalName = textIn(body, "userPrincipalName", resource) ?? "";
  if (!/^[^@\s]+@[^@\s]+$/.test(principalName)) throw graphErrors.badValue("userPrincipalName", resource);
  const isTaken = directory.users.some((each) => each.deletedAt === undefined && kinds.user.isCalled(each, principalName));
  if (isTaken) throw graphErrors.userExists();
  const user: User = {
    ...createEntry(textIn(body, "displayName", resource) ?? "", now, arrivalOf("users", settings.replication, now)),
    properties: readProperties(body, { defaults: userDefaults, own, resource }),
    principalName,
    enabled: flagIn(body, "accountEnabled", resource) ?? true,
    isAdmin: false,
    passwords: [],
  };
  user.passwords = [{ ...readPassword(call, user), arrives: 0 }];
  directory.users.push(user);
  const shown = showUser(user);
  const standard = userStandard.map((name) => [name, shown[name]]);
  return created(call, "users/$entity", { ...Object.fromEntries(standard), id: shown.id }, "User");
}

/** A password needs a permission of its own, and an administrator's is nobody's to set who has no directory role: here nobody has. */
function change(call: GraphCall): Answer {
  const { body } = call;
  const user = find(call, kinds.user, call.params["id"] ?? "");
  const { passwordProfile, ...rest } = body;
  if (Object.keys(rest).length > 0) demand(call.caller, writeUsers);
  const password = (passwordProfile ?? undefined) === undefined ? undefined : newPassword(call, user);
  const enabled = flagIn(body, "accountEnabled", resource);
  const displayName = textIn(body, "displayName", resource);
  user.properties = readProperties(rest, { defaults: userDefaults, own, resource, before: user.properties });
  user.enabled = enabled ?? user.enabled;
  user.displayName = displayName ?? user.displayName;
  if (password !== undefined) user.passwords = [...current(user, call.now), password];
  return noContent;
}

function newPassword(call: GraphCall, user: User): UserPassword {
  demand(call.caller, writePasswords);
  if (user.isAdmin) throw graphErrors.denied();
  return readPassword(call, user);
}

/** The one that logs in now, and those on their way. */
function current({ passwords }: User, now: number): UserPassword[] {
  const last = passwords.findLastIndex(({ arrives }) => arrives <= now);
  return passwords.slice(Math.max(last, 0));
}

/** A profile without a password says of the one before whether it must be changed. */
function readPassword({ body, settings, now }: GraphCall, user: User): UserPassword {
  const profile = membersOf(body["passwordProfile"]);
  if (profile === undefined) throw graphErrors.badValue("passwordProfile", resource);
  const before = user.passwords.at(-1);
  const value = textIn(profile, "password", resource) ?? before?.value;
  if (value === undefined) throw graphErrors.missing("passwordProfile", resource);
  checkPassword(value, user);
  // Graph's own default.
  const mustChange = mustChangeIn(profile) ?? true;
  return { value, setAt: now, arrives: arrivalAfter(settings.replication.passwords, now), mustChange };
}

function mustChangeIn(profile: Body): boolean | undefined {
  const plain = flagIn(profile, "forceChangePasswordNextSignIn", resource);
  const withFactor = flagIn(profile, "forceChangePasswordNextSignInWithMfa", resource);
  return plain ?? withFactor;
}

/** Entra's rule: 8 to 256 characters of three of the four sorts, without the user's name. Its list of weak words is not known. */
function checkPassword(password: string, { principalName }: User): void {
  const sorts = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^0-9A-Za-z]/].filter((sort) => sort.test(password)).length;
  const name = principalName.split("@")[0]?.toLowerCase() ?? "";
  const isNamed = name.length > 3 && password.toLowerCase().includes(name);
  if (password.length < 8 || password.length > 256 || sorts < 3 || isNamed) throw graphErrors.weakPassword();
}

/** There is nobody behind an application's token. */
function me(call: GraphCall): Answer {
  const { caller, directory, now } = call;
  if (caller.user === undefined) throw graphErrors.onlyDelegated();
  const user = directory.users.find((each) => each.objectId === caller.objectId && isThere(each, now));
  if (user === undefined) throw graphErrors.notFound(caller.objectId);
  return ok(call, "users/$entity", selected(call, showUser(user), userStandard));
}
