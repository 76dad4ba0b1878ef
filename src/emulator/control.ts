import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BadControl, readerOf, type Reader } from "./control-input.ts";
import type { Fault, Faults, PlantedFault } from "./faults.ts";
import type { Listener } from "./front.ts";
import type { RequestLog } from "./request-log.ts";
import { actionsOfRole } from "./roles.ts";
import { findRoute } from "./room.ts";
import { nameShape, readContent } from "./vault-input.ts";
import { VaultFailure } from "./vault-errors.ts";
import { setSecret } from "./vault-state.ts";
import type { World } from "./world.ts";

/** The back door for tests: what happened, what shall go wrong, what time it is. Its address holds a part that nobody can guess. */
export interface Control {
  segment: string;
  listener: Listener;
}

interface Desk {
  world: World;
  faults: Faults;
  log: RequestLog;
}

interface Note {
  params: Record<string, string>;
  body: Reader;
}

type Run = (desk: Desk, note: Note) => object | undefined;

const bodyLimit = 1_048_576;
const longest = 600_000;

const routes: readonly { method: string; path: string; run: Run }[] = [
  { method: "GET", path: "/requests", run: ({ log }) => ({ requests: log.all() }) },
  { method: "DELETE", path: "/requests", run: ({ log }) => void log.clear() },
  { method: "GET", path: "/faults", run: ({ faults }) => ({ faults: faults.all().map(shown) }) },
  { method: "POST", path: "/faults", run: plant },
  { method: "DELETE", path: "/faults", run: ({ faults }) => void faults.clear() },
  { method: "POST", path: "/faults/{id}/release", run: release },
  { method: "PUT", path: "/settings", run: changeSettings },
  { method: "PUT", path: "/role-assignments", run: assignRoles },
  { method: "POST", path: "/clock", run: moveClock },
  { method: "POST", path: "/client-secrets", run: addClientSecret },
  { method: "PUT", path: "/secrets/{vault}/{name}", run: seedSecret },
];

export function createControl(desk: Desk): Control {
  const segment = randomBytes(24).toString("base64url");
  return {
    segment,
    async listener(incoming, outgoing) {
      const { status, body } = await serve(desk, segment, incoming);
      const text = body === undefined ? "" : JSON.stringify(body);
      const type = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      outgoing.writeHead(status, { ...type, "cache-control": "no-store", ...(incoming.readableEnded ? {} : { connection: "close" }) });
      outgoing.end(text);
      incoming.resume();
    },
  };
}

async function serve(desk: Desk, segment: string, incoming: IncomingMessage): Promise<{ status: number; body?: object }> {
  if (!/^(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?$/.test(incoming.headers.host ?? ""))
    return refusal(403, "This host name is not allowed.");
  const path = (incoming.url ?? "").split("?", 1)[0] ?? "";
  if (!path.startsWith(`/${segment}/`)) return refusal(404, "There is nothing here.");
  const found = findRoute(routes, incoming.method ?? "", path.slice(segment.length + 1));
  if (found === undefined) return refusal(404, "There is nothing here.");
  try {
    const body = incoming.method === "POST" || incoming.method === "PUT" ? await readJson(incoming) : {};
    const answer = found.route.run(desk, { params: found.params, body: readerOf(body) });
    if (incoming.method !== "GET") await desk.world.saved();
    return answer === undefined ? { status: 204 } : { status: 200, body: answer };
  } catch (error) {
    if (error instanceof BadControl || error instanceof VaultFailure) return refusal(400, error.message);
    throw error;
  }
}

function refusal(status: number, error: string): { status: number; body: object } {
  return { status, body: { error } };
}

// A web page cannot send this content type to another origin without asking first, and nobody answers that question.
async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > bodyLimit) throw new BadControl(`The body is larger than ${bodyLimit} bytes.`);
    chunks.push(chunk);
  }
  if (size === 0) return {};
  if (!/^application\/json\s*(?:;|$)/i.test(incoming.headers["content-type"] ?? "")) {
    throw new BadControl("The content type must be application/json.");
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new BadControl("The body is not valid JSON.");
  }
}

function plant({ faults }: Desk, { body }: Note): object {
  const fault: Fault = {
    method: (body.text("method") ?? "*").toUpperCase(),
    path: body.text("path") ?? "*",
    times: body.whole("times", 1e6) ?? 1,
  };
  const status = body.whole("status", 599);
  if (status !== undefined) {
    if (status < 200) throw new BadControl('"status" must be a whole number from 200 to 599.');
    fault.status = status;
  }
  const answer = body.raw("body");
  if (typeof answer === "string" || (typeof answer === "object" && answer !== null)) fault.body = answer;
  else if (answer !== undefined) throw new BadControl('"body" must be a string or an object.');
  const delayMs = body.whole("delay_ms", longest);
  if (delayMs !== undefined) fault.delayMs = delayMs;
  const retryAfter = body.whole("retry_after", 86_400);
  if (retryAfter !== undefined) fault.retryAfter = retryAfter;
  const drop = body.text("drop");
  if (drop === "before" || drop === "after") fault.drop = drop;
  else if (drop !== undefined) throw new BadControl('"drop" must be "before" or "after".');
  if (body.flag("hold") === true) fault.hold = true;
  body.end();
  const planted = faults.plant(fault);
  if (planted === "full") throw new BadControl("There are 1000 faults already: delete them first.");
  return { id: planted.id };
}

function release({ faults }: Desk, { params, body }: Note): undefined {
  body.end();
  const fault = faults.find(params["id"] ?? "");
  if (fault === undefined) throw new BadControl("There is no such fault.");
  fault.release();
}

function shown({ id, fault, hits, held }: PlantedFault): object {
  const { delayMs: delay_ms, retryAfter: retry_after, ...rest } = fault;
  return { id, ...rest, delay_ms, retry_after, hits, held };
}

function changeSettings({ world }: Desk, { body }: Note): undefined {
  const { settings } = world;
  const delays = body.inner("delays");
  const changed = {
    delete: delays?.whole("delete", longest) ?? settings.delays.delete,
    recover: delays?.whole("recover", longest) ?? settings.delays.recover,
    purge: delays?.whole("purge", longest) ?? settings.delays.purge,
  };
  delays?.end();
  const emptyPages = body.whole("emptyPages", 1_000) ?? settings.emptyPages;
  // 0 takes a limit away.
  const perTenSeconds = body.whole("perTenSeconds", 1e6) ?? settings.perTenSeconds;
  const retryAfter = body.whole("retryAfter", 86_400) ?? settings.retryAfter;
  const roundTripMs = body.whole("round_trip_ms", longest) ?? settings.roundTripMs;
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
}

function readProtection(world: World, given: unknown): [string, boolean][] {
  if (given === undefined) return [];
  if (typeof given === "boolean") return [...world.vaults.keys()].map((vault) => [vault, given]);
  const vaults = readerOf(given, '"purgeProtection"');
  const read = [...world.vaults.keys()].map((vault) => [vault, vaults.flag(vault)] as const);
  vaults.end();
  return read.flatMap(([vault, on]): [string, boolean][] => (on === undefined ? [] : [[vault, on]]));
}

function assignRoles({ world }: Desk, { body }: Note): undefined {
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
}

function moveClock({ world }: Desk, { body }: Note): object {
  const advance = body.whole("advance_seconds", 1e9);
  const now = body.raw("now");
  body.end();
  if ((advance === undefined) === (now === undefined)) throw new BadControl('Exactly one of "advance_seconds" and "now" is needed.');
  if (advance !== undefined) world.clock.advance(advance * 1000);
  else world.clock.moveTo(readInstant(now));
  return { now: new Date(world.clock.now()).toISOString() };
}

function readInstant(now: unknown): number {
  const ms = typeof now === "string" ? Date.parse(now) : now;
  if (typeof ms !== "number" || !Number.isSafeInteger(ms) || Math.abs(ms) > 8e15) throw new BadControl('"now" must be an RFC 3339 time.');
  return ms;
}

function addClientSecret({ world }: Desk, { body }: Note): undefined {
  const secret = body.text("secret");
  const expired = body.flag("expired") ?? false;
  body.end();
  if (secret === undefined || secret === "") throw new BadControl('"secret" is needed.');
  const application = world.directory.applications[0];
  if (application === undefined) return;
  application.secrets = [...application.secrets.filter((known) => known.secret !== secret), { secret, expired }];
}

function seedSecret({ world }: Desk, { params, body }: Note): object {
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
}
