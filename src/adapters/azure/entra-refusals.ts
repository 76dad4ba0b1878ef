import * as z from "zod/mini";
import type { Target } from "../../features/targets/model.ts";
import { UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import type { OfApplication, Wanted } from "./credential.ts";
import { retryAfterMs } from "./persist.ts";
import { requestIdOf, type Reply } from "./transport.ts";

const Refused = z.object({
  error_codes: z.optional(z.array(z.number())),
  error_description: z.optional(z.string()),
  trace_id: z.optional(z.guid()),
});

type Told = [why: string, hint: string];

/** Whom Entra refused, and what for. */
interface Who {
  target: Target;
  credential: OfApplication;
  audience: string;
  cloud: string;
  /** Of a certificate: whether its end has passed. */
  isOver: boolean;
}

const anew = "store it with `usc target update azure`";

/** By Entra's number: what stands behind "Entra refused the target /t: ". */
const known: Readonly<Record<number, (who: Who) => Told>> = {
  7000215: ({ credential }) =>
    credential.type === "credentials" && isGuid(credential.secret)
      ? [
          "what is stored as its client secret is the secret's id, not its value",
          `The portal shows the value once, beside the id: ${anew}.`,
        ]
      : ["the client secret is wrong", "Store the right one with `usc target update azure`. A secret made a moment ago may need a minute."],
  7000222: () => ["the client secret has expired", `Make a new secret for the application and ${anew}.`],
  700016: ({ credential }) => [
    `the application ${credential.client} is not in the tenant ${credential.tenant}`,
    "Check the client id and the tenant id; a new application may need a minute.",
  ],
  7000229: ({ credential }) => [
    `the application ${credential.client} has no service principal in the tenant ${credential.tenant}`,
    "Make one: az ad sp create --id CLIENT-ID.",
  ],
  7000112: ({ credential }) => [`the application ${credential.client} is disabled`, "Enable it in Entra, under Enterprise applications."],
  90002: noTenant,
  900023: noTenant,
  500011: ({ audience, cloud }) => [
    `its tenant does not know ${audience}, the audience of the cloud ${cloud}`,
    "Check the target's cloud: tenants of Azure Government and Azure China are in clouds of their own.",
  ],
  53003: () => ["a Conditional Access policy blocks it here", "Ask the tenant's administrator which places the policy allows."],
  700027: ({ isOver, credential }) =>
    isOver
      ? ["its certificate has expired", `Make the application a new certificate and ${anew}.`]
      : [
          `the certificate is not one of the application ${credential.client}`,
          "Upload it in Entra under Certificates & secrets, without its key. One that was uploaded a moment ago may need a minute.",
        ],
  700024: () => [
    "what proves it is not valid at this time",
    "Check this machine's clock; a federated token may be too old: the platform renews its file.",
  ],
  700023: () => ["its assertion is for another login than this one", "Check the cloud of the target."],
  50013: () => ["the signature of its token is not the issuer's", "Check that the federated credential names the issuer of the token."],
  50027: () => ["what proves it is no token", "Check the federated token file."],
  70025: ({ credential }) => [
    `the application ${credential.client} trusts no issuer`,
    "Give it a federated credential: az ad app federated-credential create.",
  ],
  70021: noFederation,
  700211: noFederation,
  700212: noFederation,
  700213: noFederation,
};

function noTenant({ credential, cloud }: Who): Told {
  return [`the tenant ${credential.tenant} does not exist in the cloud ${cloud}`, "Check the tenant id and the cloud."];
}

function noFederation({ credential }: Who): Told {
  return [
    `no federated credential of the application ${credential.client} fits the token of the file`,
    "Issuer, subject and audience must be the token's, letter for letter: az ad app federated-credential list --id CLIENT-ID.",
  ];
}

// A secret's value never is one; its id always is.
const isGuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Entra's number of a refusal: `AADSTS50126`. */
export function entraNumber({ body }: Reply): number | undefined {
  const refused = parseJson(Refused, body);
  const inText = /^AADSTS([0-9]{4,8})\b/.exec(refused?.error_description ?? "")?.[1];
  return refused?.error_codes?.[0] ?? (inText === undefined ? undefined : Number(inText));
}

/** Entra's refusal of a login as one of ours. Only the number is read: the text holds what was sent. */
export async function entraRefusal(
  reply: Reply,
  { target, cloud, audience }: Wanted,
  credential: OfApplication,
  { login, now }: { login: string; now: number },
): Promise<UscError> {
  const refused = parseJson(Refused, reply.body);
  const details = { requestId: requestIdOf(reply) ?? refused?.trace_id };
  if (reply.status === 429 || reply.status >= 500) {
    const after = retryAfterMs(reply);
    const state = reply.status === 429 ? "takes no more logins at the moment: it is throttling" : "is not available at the moment";
    return new UscError("unavailable", `Entra at ${login} ${state} (HTTP ${reply.status}).`, {
      ...details,
      hint: "Repeat the command later.",
      retryAfter: after === undefined ? undefined : after / 1000,
    });
  }
  const number = entraNumber(reply);
  if (number === undefined) {
    return new UscError("unavailable", `${login} answered a login with something that is not Entra's (HTTP ${reply.status}).`, {
      ...details,
      hint: "Check the authority host of the cloud, and the proxy if there is one.",
    });
  }
  const who = { target, credential, audience, cloud: cloud.name, isOver: number === 700027 && (await hasEnded(credential, now)) };
  const [why, hint] = known[number]?.(who) ?? ["for a reason of its own", "Look the number up at https://login.microsoftonline.com/error."];
  return new UscError("unauthenticated", `Entra refused the target ${target.name}: ${why} (AADSTS${number}).`, { ...details, hint });
}

async function hasEnded(credential: OfApplication, now: number): Promise<boolean> {
  if (credential.type !== "certificate") return false;
  const end = await (await import("./client-assertion.ts")).certificateEnd(credential.certificate);
  return end !== undefined && end <= now;
}
