import { BadControl, longestMs, readerOf, type Run } from "./control-input.ts";
import { actionsOfRole } from "./roles.ts";
import { nameShape, readContent } from "./vault-input.ts";
import { setSecret } from "./vault-state.ts";
import type { World } from "./world.ts";

export const changeSettings: Run = ({ world }, { body }) => {
  const { settings } = world;
  const delays = body.inner("delays");
  const changed = {
    delete: delays?.whole("delete", { max: longestMs }) ?? settings.delays.delete,
    recover: delays?.whole("recover", { max: longestMs }) ?? settings.delays.recover,
    purge: delays?.whole("purge", { max: longestMs }) ?? settings.delays.purge,
  };
  delays?.end();
  const emptyPages = body.whole("emptyPages", { max: 1_000 }) ?? settings.emptyPages;
  // 0 takes a limit away.
  const perTenSeconds = body.whole("perTenSeconds", { max: 1e6 }) ?? settings.perTenSeconds;
  const retryAfter = body.whole("retryAfter", { max: 86_400 }) ?? settings.retryAfter;
  const roundTripMs = body.whole("round_trip_ms", { max: longestMs }) ?? settings.roundTripMs;
  const isProtected = readProtection(world, body.raw("purgeProtection"));
  body.end();
  for (const [vault, on] of isProtected) {
    if (on) settings.purgeProtected.add(vault);
    else settings.purgeProtected.delete(vault);
  }
  Object.assign(settings, {
    delays: changed,
    emptyPages,
    perTenSeconds: perTenSeconds || undefined,
    retryAfter: retryAfter || undefined,
    roundTripMs,
  });
  return undefined;
};

function readProtection(world: World, given: unknown): [string, boolean][] {
  if (given === undefined) return [];
  if (typeof given === "boolean") return [...world.vaults.keys()].map((vault) => [vault, given]);
  const vaults = readerOf(given, '"purgeProtection"');
  const read = [...world.vaults.keys()].map((vault) => [vault, vaults.flag(vault)] as const);
  vaults.end();
  return read.flatMap(([vault, on]): [string, boolean][] => (on === undefined ? [] : [[vault, on]]));
}

export const assignRoles: Run = ({ world }, { body }) => {
  const vault = body.text("vault");
  if (vault !== undefined && !world.vaults.has(vault)) throw new BadControl(`There is no vault named "${vault}".`);
  const principal = body.text("principal");
  const application = world.directory.applications.find(
    ({ clientId, objectId }) => principal === undefined || principal === clientId || principal === objectId,
  );
  const roles = body.texts("roles");
  const actions = body.texts("actions");
  body.end();
  if ((roles === undefined) === (actions === undefined)) throw new BadControl('Exactly one of "roles" and "actions" is needed.');
  const granted = (roles ?? []).flatMap((role) => {
    const known = actionsOfRole(role);
    if (known === undefined) throw new BadControl(`The role "${role}" is not known.`);
    return known;
  });
  const objectId = application?.objectId ?? principal;
  if (objectId === undefined) throw new BadControl('"principal" is needed.');
  world.roles.grant(objectId, vault, actions ?? granted);
  return undefined;
};

export const moveClock: Run = ({ world }, { body }) => {
  const advance = body.whole("advance_seconds", { max: 1e9 });
  const now = body.raw("now");
  body.end();
  if ((advance === undefined) === (now === undefined)) throw new BadControl('Exactly one of "advance_seconds" and "now" is needed.');
  if (advance !== undefined) world.clock.advance(advance * 1000);
  else world.clock.moveTo(readInstant(now));
  return { now: new Date(world.clock.now()).toISOString() };
};

function readInstant(now: unknown): number {
  const ms = typeof now === "string" ? Date.parse(now) : now;
  if (typeof ms !== "number" || !Number.isSafeInteger(ms) || Math.abs(ms) > 8e15) throw new BadControl('"now" must be an RFC 3339 time.');
  return ms;
}

export const addClientSecret: Run = ({ world }, { body }) => {
  const secret = body.text("secret");
  const expired = body.flag("expired") ?? false;
  body.end();
  if (secret === undefined || secret === "") throw new BadControl('"secret" is needed.');
  const application = world.directory.applications[0];
  if (application === undefined) return undefined;
  application.secrets = [...application.secrets.filter((known) => known.secret !== secret), { secret, expired }];
  return undefined;
};

export const seedSecret: Run = ({ world }, { params, body }) => {
  const vault = world.vaults.get(params["vault"] ?? "");
  const name = params["name"] ?? "";
  if (vault === undefined) throw new BadControl(`There is no vault named "${params["vault"]}".`);
  if (!nameShape.test(name)) throw new BadControl(`"${name}" is no name of a secret.`);
  const managed = body.flag("managed");
  const enabled = body.flag("enabled") ?? true;
  const given = {
    value: body.raw("value") ?? "",
    contentType: body.raw("contentType"),
    tags: body.raw("tags"),
    attributes: { nbf: body.raw("nbf"), exp: body.raw("exp"), enabled },
  };
  body.end();
  const { secret, version } = setSecret(vault, name, readContent(given), world.clock.now());
  if (managed === true) secret.managed = true;
  return { name, version: version.id };
};
