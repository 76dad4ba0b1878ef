import { BadControl, type Reader, type Run } from "./control-input.ts";
import type { ClientSecret } from "./client-secrets.ts";
import { createEntry, type Directory, type Entry, type User } from "./directory.ts";

/** `GET /applications` tells what is in the directory, deleted ones too, with the key ids of their secrets and never a secret. */
export const listApplications: Run = ({ world }) => {
  const { applications, servicePrincipals, graphRoles } = world.directory;
  const now = world.clock.now();
  return {
    applications: applications.map((application) => {
      const principal = servicePrincipals.find(({ clientId }) => clientId === application.clientId);
      const { objectId: id, clientId, owners } = application;
      return {
        ...shown(application, now),
        id,
        app_id: clientId,
        owners,
        secrets: application.secrets.map((secret) => shownSecret(secret, now)),
        service_principal:
          principal === undefined
            ? null
            : {
                ...shown(principal, now),
                id: principal.objectId,
                enabled: principal.enabled,
                owners: principal.owners,
                graph_roles: graphRoles[principal.objectId] ?? [],
                secrets: principal.secrets.map((secret) => shownSecret(secret, now)),
              },
      };
    }),
  };
};

function shown({ displayName, deletedAt, arrives }: Entry, now: number): object {
  return { display_name: displayName, deleted: deletedAt !== undefined, replicated: arrives.graph <= now };
}

/** A removed one stays until it logs in no more. */
function shownSecret({ keyId, displayName, secret, startsAt, endsAt, arrives, leaves }: ClientSecret, now: number): object {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    key_id: keyId,
    display_name: displayName,
    hint: secret.slice(0, 3),
    start: time(startsAt),
    end: time(endsAt),
    logs_in: arrives <= now && startsAt <= now && now < endsAt && now < (leaves ?? Infinity),
    removed: leaves !== undefined,
  };
}

/**
 * `PUT /graph-roles` with `{"principal"?, "roles": ["Application.ReadWrite.OwnedBy"]}` replaces the application permissions for Graph of
 * a service principal or a managed identity (client id or object id; the ready line's by default). They stand in its next token.
 */
export const grantGraphRoles: Run = ({ world }, { body }) => {
  const { directory } = world;
  const named = body.text("principal");
  const roles = body.texts("roles");
  body.end();
  if (roles === undefined) throw new BadControl('"roles" is needed.');
  const known = [...directory.servicePrincipals, ...directory.managedIdentities];
  const found = known.find(({ clientId, objectId }) => named === undefined || named === clientId || named === objectId);
  if (found === undefined) throw new BadControl("There is no such principal.");
  directory.graphRoles[found.objectId] = roles;
  return undefined;
};

/** `GET /users` tells of each user when the password was set and whether it must be changed, never the password. */
export const listUsers: Run = ({ world }) => ({
  users: world.directory.users.map(({ objectId, principalName, enabled, isAdmin, deletedAt, passwords }) => {
    const last = passwords.at(-1);
    return {
      id: objectId,
      user_principal_name: principalName,
      enabled,
      admin: isAdmin,
      deleted: deletedAt !== undefined,
      password_set: last === undefined ? null : new Date(last.setAt).toISOString(),
      must_change: last?.mustChange ?? false,
    };
  }),
});

/**
 * `PUT /users` with `{"user_principal_name", "password"?, "display_name"?, "enabled"?, "admin"?, "must_change"?}` makes a user, or changes
 * what it names of one, at once, and answers `{"id"}`. Of an administrator no application may set the password.
 */
export const putUser: Run = ({ world }, { body }) => {
  const now = world.clock.now();
  const principalName = body.text("user_principal_name");
  if (principalName === undefined || !/^[^@\s]+@[^@\s]+$/.test(principalName)) throw new BadControl('"user_principal_name" is needed.');
  const before = world.directory.users.find((each) => each.principalName === principalName && each.deletedAt === undefined);
  const user: User = before ?? { ...createEntry(principalName, now), principalName, enabled: true, isAdmin: false, passwords: [] };
  const changed = {
    displayName: body.text("display_name") ?? user.displayName,
    enabled: body.flag("enabled") ?? user.enabled,
    isAdmin: body.flag("admin") ?? user.isAdmin,
    passwords: readPasswords(user, body, now),
  };
  body.end();
  Object.assign(user, changed);
  if (before === undefined) world.directory.users.push(user);
  return { id: user.objectId };
};

function readPasswords({ passwords }: User, body: Reader, now: number): User["passwords"] {
  const last = passwords.at(-1);
  const value = body.text("password") ?? last?.value;
  const mustChange = body.flag("must_change") ?? last?.mustChange ?? false;
  return value === undefined ? [] : [{ value, mustChange, arrives: 0, setAt: value === last?.value ? last.setAt : now }];
}

/** `POST /replicate` with `{"id"?}` lets arrive at once what is on its way: of one object, or of all. What was removed leaves. */
export const replicate: Run = ({ world }, { body }) => {
  const id = body.text("id");
  body.end();
  const { directory } = world;
  const isMeant = ({ objectId }: Entry): boolean => id === undefined || objectId === id;
  const holders = [...directory.applications, ...directory.servicePrincipals].filter(isMeant);
  for (const entry of [...holders, ...directory.users.filter(isMeant), ...directory.groups.filter(isMeant)]) {
    entry.arrives = { graph: 0, arm: 0 };
  }
  for (const holder of holders) {
    const kept = holder.secrets.filter(({ leaves }) => leaves === undefined);
    holder.secrets = arrived(kept).map((secret) => ({ ...secret, shows: 0 }));
  }
  arriveInPeople(directory, isMeant);
  return undefined;
};

function arriveInPeople({ users, groups }: Directory, isMeant: (entry: Entry) => boolean): void {
  for (const user of users.filter(isMeant)) user.passwords = arrived(user.passwords.slice(-1));
  for (const group of groups.filter(isMeant)) group.members = arrived(group.members);
}

function arrived<T extends { arrives: number }>(each: readonly T[]): T[] {
  return each.map((one) => ({ ...one, arrives: 0 }));
}
