import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import type { OfMachine, Wanted } from "./credential.ts";
import { type Patience, retryAfterMs } from "./persist.ts";
import { plainGet } from "./plain-http.ts";
import { type Token, tokenForm, type Ways } from "./token.ts";
import type { Outcome, Reply } from "./transport.ts";

const digits = z.string().check(z.regex(/^[0-9]{1,12}$/));
const Granted = z.object({ access_token: z.string().check(z.regex(tokenForm)), expires_on: z.union([digits, z.number()]) });
const Refused = z.object({ error: z.string().check(z.regex(/^\w{1,60}$/)) });

/** By what a user-assigned identity is named: IMDS and App Service spell two of them in ways of their own. */
const selectors = {
  imds: { client: "client_id", object: "object_id", resource: "msi_res_id" },
  "app-service": { client: "client_id", object: "principal_id", resource: "mi_res_id" },
} as const;

// The service is one hop away or not there at all.
const connectMs = 1000;
const retries = 5;

/** A token of the machine's own identity, or of one that a user assigned to it. Never through a proxy: it would be the proxy's machine. */
export async function machineToken({ onCall }: Ways, wanted: Wanted, who: OfMachine, patience: Patience): Promise<Token> {
  const { door, which } = who;
  const query = new URLSearchParams({ "api-version": door.is === "imds" ? "2018-02-01" : "2019-08-01", resource: wanted.audience });
  if (which !== undefined) query.set(selectors[door.is][which.by], which.id);
  const headers = {
    accept: "application/json",
    ...(door.header === undefined ? { metadata: "true" } : { "x-identity-header": door.header }),
  };
  const get = (withinMs: number) =>
    plainGet(`${door.url}?${query.toString()}`, headers, { connectMs, withinMs, clock: patience.clock, onCall });
  const { reply, failure } = await patiently(patience, get);
  if (failure !== undefined) throw nobody(door.url, failure.kind === "timeout" && failure.sent);
  if (reply.status !== 200) throw refused(reply, wanted, who);
  const granted = parseJson(Granted, reply.body);
  if (granted === undefined) throw somethingElse(door.url, "");
  return { text: granted.access_token, expires: Number(granted.expires_on) * 1000 };
}

/**
 * IMDS answers 404 and 410 while it is being updated, 429 to whoever asks too often, and 5xx. Microsoft's rule for all four: five more times, after
 * 0, 2, 6, 14 and 30 seconds.
 */
async function patiently(patience: Patience, get: (withinMs: number) => Promise<Outcome>): Promise<Outcome> {
  const { clock, deadline, perRequestMs, maxRetries = retries } = patience;
  for (let tries = 0; ; tries += 1) {
    const outcome = await get(Math.min(perRequestMs, Math.max(1, deadline - clock.now())));
    const { reply } = outcome;
    if (reply === undefined || tries >= Math.min(maxRetries, retries) || !isPassing(reply.status)) return outcome;
    const wait = retryAfterMs(reply) ?? 2000 * (2 ** tries - 1);
    if (clock.now() + wait >= deadline) return outcome;
    await clock.sleep(wait);
  }
}

const isPassing = (status: number): boolean => status === 404 || status === 410 || status === 429 || status >= 500;

function nobody(url: string, isSilent: boolean): UscError {
  if (isSilent)
    return new UscError("unavailable", `The identity service at ${hostOf(url)} did not answer in time.`, { hint: "Repeat the command." });
  return new UscError("unavailable", `There is no managed identity on this machine: nothing answers at ${hostOf(url)}.`, {
    hint: "Run usc on a machine in Azure that has an identity, or use another connection type.",
  });
}

const onlyInAzure = "Only machines in Azure have a managed identity; other clouds have something else at this address.";

const somethingElse = (url: string, status: string): UscError =>
  new UscError("unavailable", `${hostOf(url)} answered with something that is no token of a managed identity${status}.`, {
    hint: onlyInAzure,
  });

function refused(reply: Reply, { target, audience }: Wanted, { door, which }: OfMachine): UscError {
  const host = hostOf(door.url);
  if (isPassing(reply.status)) {
    return new UscError("unavailable", `The identity service at ${host} gives no tokens at the moment (HTTP ${reply.status}).`, {
      hint:
        door.is === "imds"
          ? `Repeat the command later. ${onlyInAzure}`
          : "Repeat the command later; App Service says the same of a resource that it does not know.",
    });
  }
  const error = parseJson(Refused, reply.body)?.error;
  const said = `(HTTP ${reply.status}${error === undefined ? "" : `, ${error}`})`;
  if (error === "invalid_resource") {
    return new UscError("unauthenticated", `The identity service at ${host} knows no ${audience} ${said}.`, {
      hint: `Check the cloud of the target ${target.name}: a machine gets tokens of its own cloud alone.`,
    });
  }
  // Azure's own says why, always; another cloud's has this address too, and asks for a login of its own.
  if (door.is === "imds" && error === undefined) return somethingElse(door.url, ` (HTTP ${reply.status})`);
  if (door.is === "app-service" && reply.status === 401) {
    return new UscError("unauthenticated", `The identity service at ${host} refused the identity header ${said}.`, {
      hint: "IDENTITY_HEADER belongs to one start of the app: take the environment of the running one.",
    });
  }
  const [whose, hint] =
    which === undefined
      ? ["no identity of its own", "Switch its system-assigned identity on, or name a user-assigned one: --managed-identity-client-id."]
      : [`no identity with the ${which.by} id ${which.id}`, "Assign the identity to this machine, and check the id and its kind."];
  return new UscError("unauthenticated", `This machine has ${whose}, says the identity service at ${host} ${said}.`, { hint });
}

const hostOf = (url: string): string => new URL(url).host;
