import * as z from "zod/mini";
import type { Cloud, Target } from "../../features/targets/model.ts";
import { UscError } from "../../kernel/errors.ts";
import { unreachable } from "./failures.ts";
import { parseJson } from "./answers.ts";
import { persist, retryAfterMs, type Patience } from "./persist.ts";
import { requestIdOf, type Reply, type Transport } from "./transport.ts";

const limit = 64 * 1024;

const Granted = z.object({
  access_token: z.string().check(z.regex(/^[!-~]{1,20000}$/)),
  // A number, and in some clouds its digits.
  expires_in: z.union([z.number().check(z.minimum(0), z.maximum(31_536_000)), z.string().check(z.regex(/^[0-9]{1,8}$/))]),
});
const Refused = z.object({ error_codes: z.optional(z.array(z.number())), error_description: z.optional(z.string()) });

export interface Token {
  text: string;
  /** Epoch milliseconds. */
  expires: number;
}

/** Asks Entra for a token of the target, for the cloud's vaults. The secret goes into this one body and nowhere else. */
export async function fetchToken(transport: Transport, cloud: Cloud, target: Target, patience: Patience): Promise<Token> {
  const origin = cloud["authority-host"];
  const path = `/${encodeURIComponent(target["tenant-id"])}/oauth2/v2.0/token`;
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: target["client-id"],
    client_secret: target["client-secret"],
    scope: `${cloud["key-vault-audience"]}/.default`,
  }).toString();
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  const { reply, failure } = await persist(patience, "read", (withinMs) =>
    transport(cloud, { method: "POST", origin, path, limit }).send({ headers, body }, withinMs),
  );
  if (failure !== undefined) throw unreachable(failure, origin);
  if (reply.status !== 200) throw refusal(reply, target);
  const granted = parseJson(Granted, reply.body);
  if (granted === undefined) {
    throw new UscError("unavailable", `${origin.slice("https://".length)} answered something that is not a token of Entra.`);
  }
  return { text: granted.access_token, expires: patience.clock.now() + Number(granted.expires_in) * 1000 };
}

const waitOrReplace = "Store a new one with `usc target update azure`. A secret made a moment ago may need a minute.";

const known: Readonly<Record<number, (target: Target) => [sentence: string, hint: string]>> = {
  7000215: ({ name }) => [`Entra refused the target ${name}: the client secret is wrong (AADSTS7000215).`, waitOrReplace],
  7000222: ({ name }) => [
    `Entra refused the target ${name}: the client secret has expired (AADSTS7000222).`,
    "Make a new secret for the application and store it with `usc target update azure`.",
  ],
  700016: (target) => [
    `Entra refused the target ${target.name}: the application ${target["client-id"]} is not in the tenant ${target["tenant-id"]} (AADSTS700016).`,
    "Check the client id and the tenant id.",
  ],
  90002: (target) => [
    `Entra refused the target ${target.name}: the tenant ${target["tenant-id"]} does not exist (AADSTS90002).`,
    "Check the tenant id and the cloud.",
  ],
  7000112: (target) => [
    `Entra refused the target ${target.name}: the application ${target["client-id"]} is disabled (AADSTS7000112).`,
    "Enable it in Entra.",
  ],
  500011: (target) => [
    `Entra refused the target ${target.name}: its tenant does not know the cloud's Key Vault audience (AADSTS500011).`,
    "Check the target's cloud.",
  ],
};

function refusal(reply: Reply, target: Target): UscError {
  const details = { requestId: requestIdOf(reply) };
  const number = aadsts(reply.body);
  if (reply.status === 429 || reply.status >= 500) {
    const after = retryAfterMs({ reply });
    return new UscError("unavailable", `Entra is not available at the moment (HTTP ${reply.status}).`, {
      ...details,
      retryAfter: after === undefined ? undefined : after / 1000,
    });
  }
  if (number === undefined)
    return new UscError("unavailable", `The cloud's authority answered something that is not Entra (HTTP ${reply.status}).`, details);
  const [sentence, hint] = known[number]?.(target) ?? [
    `Entra refused the target ${target.name} (AADSTS${number}).`,
    "Check the tenant, client id and secret.",
  ];
  return new UscError("unauthenticated", sentence, { ...details, hint });
}

// Only the number is read: the text holds what was sent.
function aadsts(body: string): number | undefined {
  const refused = parseJson(Refused, body);
  const inText = /^AADSTS([0-9]{4,8})\b/.exec(refused?.error_description ?? "")?.[1];
  return refused?.error_codes?.[0] ?? (inText === undefined ? undefined : Number(inText));
}
