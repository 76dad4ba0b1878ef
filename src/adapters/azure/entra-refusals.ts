import * as z from "zod/mini";
import type { Target } from "../../features/targets/model.ts";
import { UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import { retryAfterMs } from "./persist.ts";
import { requestIdOf, type Reply } from "./transport.ts";

const Refused = z.object({
  error_codes: z.optional(z.array(z.number())),
  error_description: z.optional(z.string()),
  trace_id: z.optional(z.guid()),
});

type Told = [why: string, hint: string];

/** By Entra's number: what stands behind "Entra refused the target /t: ". */
const known: Readonly<Record<number, (target: Target) => Told>> = {
  7000215: (target) =>
    isGuid(target["client-secret"])
      ? [
          "what is stored as its client secret is the secret's id, not its value",
          "The portal shows the value once, beside the id: store that with `usc target update azure`.",
        ]
      : ["the client secret is wrong", "Store the right one with `usc target update azure`. A secret made a moment ago may need a minute."],
  7000222: () => ["the client secret has expired", "Make a new secret for the application and store it with `usc target update azure`."],
  700016: (target) => [
    `the application ${target["client-id"]} is not in the tenant ${target["tenant-id"]}`,
    "Check the client id and the tenant id; a new application may need a minute.",
  ],
  7000229: (target) => [
    `the application ${target["client-id"]} has no service principal in the tenant ${target["tenant-id"]}`,
    "Make one: az ad sp create --id CLIENT-ID.",
  ],
  7000112: (target) => [`the application ${target["client-id"]} is disabled`, "Enable it in Entra, under Enterprise applications."],
  90002: noTenant,
  900023: noTenant,
  500011: (target) => [
    `its tenant does not know the Key Vault audience of the cloud ${target["azure-cloud"]}`,
    "Check the target's cloud: tenants of Azure Government and Azure China are in clouds of their own.",
  ],
  53003: () => ["a Conditional Access policy blocks it here", "Ask the tenant's administrator which places the policy allows."],
};

function noTenant(target: Target): Told {
  return [`the tenant ${target["tenant-id"]} does not exist in the cloud ${target["azure-cloud"]}`, "Check the tenant id and the cloud."];
}

// A secret's value never is one; its id always is.
const isGuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Entra's refusal of a login as one of ours. Only the number is read: the text holds what was sent. */
export function entraRefusal(reply: Reply, target: Target, login: string): UscError {
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
  const inText = /^AADSTS([0-9]{4,8})\b/.exec(refused?.error_description ?? "")?.[1];
  const number = refused?.error_codes?.[0] ?? (inText === undefined ? undefined : Number(inText));
  if (number === undefined) {
    return new UscError("unavailable", `${login} answered a login with something that is not Entra's (HTTP ${reply.status}).`, {
      ...details,
      hint: "Check the authority host of the cloud, and the proxy if there is one.",
    });
  }
  const [why, hint] = known[number]?.(target) ?? [
    "for a reason of its own",
    "Look the number up at https://login.microsoftonline.com/error.",
  ];
  return new UscError("unauthenticated", `Entra refused the target ${target.name}: ${why} (AADSTS${number}).`, { ...details, hint });
}
