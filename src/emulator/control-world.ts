import { BadControl, type Run } from "./control-input.ts";
import { nameShape, readContent } from "./vault-input.ts";
import { setSecret } from "./vault-state.ts";

/** `POST /clock` with `{"advance_seconds"}` or `{"now": RFC 3339 or epoch milliseconds}` answers `{"now"}`. */
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

/** `PUT /secrets/VAULT/NAME` with `{"value", "contentType"?, "tags"?, "nbf"?, "exp"?, "enabled"?, "managed"?}` makes a version without a token: `managed` is the secret behind a certificate. */
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
