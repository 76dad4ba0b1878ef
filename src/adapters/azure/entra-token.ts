import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import type { OfApplication, Wanted } from "./credential.ts";
import { entraRefusal } from "./entra-refusals.ts";
import { unreachable } from "./failures.ts";
import { persist, type Patience } from "./persist.ts";
import { type Prover, type Token, tokenForm, type Ways } from "./token.ts";
import { type Reply, requestIdOf } from "./transport.ts";

const limit = 64 * 1024;

const Granted = z.object({
  access_token: z.string().check(z.regex(tokenForm)),
  // A number, and in some clouds its digits.
  expires_in: z.union([z.number().check(z.minimum(0), z.maximum(31_536_000)), z.string().check(z.regex(/^[0-9]{1,8}$/))]),
});

/** Asks Entra. What proves the application, or another, goes into this one body and nowhere else. */
export async function askEntra(
  { transport }: Pick<Ways, "transport">,
  { cloud, audience }: Wanted,
  who: OfApplication,
  prove: Prover,
  patience: Patience,
): Promise<Reply> {
  const origin = cloud["authority-host"];
  const path = `/${encodeURIComponent(who.tenant)}/oauth2/v2.0/token`;
  const ids = { grant_type: "client_credentials", client_id: who.client, scope: `${audience}/.default` };
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  const { reply, failure } = await persist(patience, "read", async (withinMs) => {
    const body = new URLSearchParams({ ...ids, ...(await prove(`${origin}${path}`, patience.clock.now())) }).toString();
    return transport(cloud, { method: "POST", origin, path, limit, withinMs }).send({ headers, body }, withinMs);
  });
  if (failure !== undefined) throw unreachable(failure, { origin, is: "login" });
  return reply;
}

export async function entraToken(ways: Ways, wanted: Wanted, who: OfApplication, prove: Prover, patience: Patience): Promise<Token> {
  const reply = await askEntra(ways, wanted, who, prove, patience);
  const login = wanted.cloud["authority-host"].slice("https://".length);
  if (reply.status !== 200) throw await entraRefusal(reply, wanted, who, { login, now: patience.clock.now() });
  const granted = parseJson(Granted, reply.body);
  if (granted === undefined) {
    throw new UscError("unavailable", `${login} answered a login with something that is no token of Entra's.`, {
      requestId: requestIdOf(reply),
      hint: "Check the authority host of the cloud, and the proxy if there is one.",
    });
  }
  return { text: granted.access_token, expires: patience.clock.now() + Number(granted.expires_in) * 1000 };
}
