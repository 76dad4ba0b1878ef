import type { GatewayRequest } from "../../features/profiles/port.ts";
import { type Code, outcomes, UscError } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/is-record.ts";
import { present } from "../../kernel/present.ts";
import { type Failure, sentenceOf } from "../network/failures.ts";
import type { Reply } from "../network/listen.ts";

/** The answer of a gateway; what it says of a failure is thrown as the failure it was. */
export function told(reply: Reply, url: string): unknown {
  const body = reply.headers["content-type"]?.startsWith("application/json") === true ? parsed(reply.body) : undefined;
  const failure = failureIn(reply.status, body);
  if (failure !== undefined) throw failure;
  if (reply.status === 200 && body !== undefined) return body;
  throw foreign(reply.status, url);
}

/** The document of a failure, and beside it the answer that the operation gave all the same. */
function failureIn(status: number, body: unknown): UscError | undefined {
  if (!isRecord(body)) return undefined;
  const { error, code, hint, request_id: requestId, retry_after: retryAfter, ...answer } = body;
  if (typeof error !== "string" || !isKnown(code)) return undefined;
  // What is found at 200 is a finding, and nothing else is a failure there.
  if (status < 300 && outcomes[code].status !== status) return undefined;
  return new UscError(code, error, {
    ...present({ hint: textOf(hint), requestId: textOf(requestId), retryAfter: typeof retryAfter === "number" ? retryAfter : undefined }),
    ...(Object.keys(answer).length > 0 ? { answer } : {}),
  });
}

const isKnown = (code: unknown): code is Code => typeof code === "string" && Object.hasOwn(outcomes, code);
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Something on the way answers in the gateway's place, or it is no gateway at all. */
export function foreign(status: number, url: string): UscError {
  if (status >= 300 && status < 400) {
    return new UscError("usage", `${url} leads elsewhere (HTTP ${status}), and a token is sent nowhere else.`, {
      hint: "Give the address that it leads to as --gateway-url.",
    });
  }
  const [code, hint] =
    status >= 500 || status === 429
      ? (["unavailable", "Something on the way answers in its place; repeat the command later."] as const)
      : (["usage", "Check --gateway-url, USC_GATEWAY_URL or the profile."] as const);
  return new UscError(code, `What answers at ${url} is no usc gateway (HTTP ${status}).`, { hint });
}

const hints: Partial<Record<Failure["kind"], string>> = {
  untrusted: "set NODE_EXTRA_CA_CERTS to the file of its CA, or NODE_USE_SYSTEM_CA=1 if this machine knows it.",
  timeout: "repeat the command, or give it longer with --timeout where the command has it.",
  reset: "repeat the command.",
};

/** A gateway that did not answer whole. */
export function unreached(failure: Failure, url: string, { effect, route }: GatewayRequest): UscError {
  const sentence = sentenceOf(failure, url.slice(url.indexOf("://") + 3));
  if (effect === "write" && failure.sent) {
    return new UscError("unavailable", `${sentence} It is unknown whether ${route} took effect.`, {
      hint: `The gateway is ${url}: look before you repeat the command.`,
      reason: "lost",
    });
  }
  return new UscError("unavailable", sentence, {
    hint: `The gateway is ${url}: ${hints[failure.kind] ?? "check the address, and whether it runs."}`,
  });
}
