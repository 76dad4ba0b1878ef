import * as z from "zod/mini";
import { type Code, UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import type { Wanted } from "./credential.ts";
import { retryAfterMs } from "./persist.ts";
import { requestIdOf, type Reply } from "./transport.ts";

const Body = z.object({ error: z.object({ code: z.string(), message: z.optional(z.string()) }) });

const longest = 600;

/**
 * ARM's refusal as one of ours, by status and code. Its own words stand in the sentence: they name the action and the scope that nobody else knows. ARM
 * has seen a token and no secret, and its message quotes neither.
 */
export function armRefusal(reply: Reply, { target, cloud }: Wanted, hints: Hints = ofSubscription): UscError {
  const { status } = reply;
  const after = retryAfterMs(reply);
  const details = { requestId: requestIdOf(reply), retryAfter: after === undefined ? undefined : after / 1000 };
  const error = parseJson(Body, reply.body)?.error;
  const arm = "Azure Resource Manager";
  if (error === undefined) {
    const hint = status >= 500 || status === 429 ? "Repeat the command later." : "Check the ARM endpoint of the cloud, and the proxy.";
    return new UscError("unavailable", `${arm} at ${cloud["arm-endpoint"]} answered HTTP ${status} without saying why.`, {
      ...details,
      hint,
    });
  }
  const said = `${cleaned(error.code, 80)}: ${cleaned(error.message ?? "", longest)}`.replace(/: $/, "");
  const [code, whom, hint] = told(status, error.code, target.name, hints);
  return new UscError(code, `${arm} ${whom}: ${said}`, { ...details, hint });
}

/** What to do where ARM says `AuthorizationFailed`, and where it finds nothing. */
interface Hints {
  denied: string;
  absent: string;
}

const ofSubscription: Hints = {
  denied: "Assign it the role Reader on the subscription.",
  absent: "Check the subscription's id, and that it is in the target's tenant.",
};

function told(status: number, code: string, target: string, { denied, absent }: Hints): [code: Code, whom: string, hint: string] {
  if (status === 401) return ["unauthenticated", `refused the token of the target ${target}`, "Check the target's tenant and cloud."];
  if (status === 403) {
    return [
      "forbidden",
      `refused the target ${target}`,
      code === "AuthorizationFailed"
        ? `${denied} A role that was assigned a moment ago takes some minutes to take effect.`
        : "What it says is what stands in the way.",
    ];
  }
  if (status === 404) return ["not_found", `found nothing for the target ${target}`, absent];
  if (status === 429) return ["unavailable", "is throttling", "Repeat the command later."];
  if (status >= 500) return ["unavailable", "is not available at the moment", "Repeat the command later."];
  return ["unavailable", `did not accept the request of the target ${target} (HTTP ${status})`, "What it says is what stands in the way."];
}

/** Somebody else's text for a line of ours: no control characters, one line, and not without end. */
function cleaned(text: string, most: number): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length <= most ? line : `${line.slice(0, most).replace(/[\ud800-\udbff]$/, "")}…`;
}
