import { UscError } from "../../kernel/errors.ts";

/** A request without a whole answer. */
export interface Failure {
  kind: "refused" | "unresolved" | "untrusted" | "proxy" | "reset" | "timeout" | "too-large" | "encoded" | "malformed";
  /** Whether the request can have reached the server. */
  sent: boolean;
}

export const expired = "USC_EXPIRED";
export const tooLarge = "USC_TOO_LARGE";
export const encoded = "USC_ENCODED";

const kinds: Readonly<Record<string, Failure["kind"]>> = {
  [expired]: "timeout",
  [tooLarge]: "too-large",
  [encoded]: "encoded",
  ECONNREFUSED: "refused",
  ENOTFOUND: "unresolved",
  EAI_AGAIN: "unresolved",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "refused",
  ENETUNREACH: "refused",
  ERR_PROXY_TUNNEL: "proxy",
};

// OpenSSL's own names for a chain, name or date that does not hold.
const certificate = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_|EPROTO)/;

export function failureOf(code: string | undefined, sent: boolean): Failure {
  const known = code === undefined ? undefined : kinds[code];
  if (known !== undefined) return { kind: known, sent };
  if (code !== undefined && certificate.test(code)) return { kind: "untrusted", sent };
  return { kind: code?.startsWith("HPE_") === true ? "malformed" : "reset", sent };
}

const sentences: Readonly<Record<Failure["kind"], (host: string) => string>> = {
  refused: (host) => `${host} cannot be reached: the connection was refused.`,
  unresolved: (host) => `The host name ${host} cannot be resolved.`,
  untrusted: (host) => `The TLS certificate of ${host} is not trusted.`,
  proxy: (host) => `The proxy did not open a tunnel to ${host}.`,
  reset: (host) => `The connection to ${host} was closed before the answer was whole.`,
  timeout: (host) => `${host} did not answer in time.`,
  "too-large": (host) => `The answer of ${host} is larger than any of this service.`,
  encoded: (host) => `${host} sent a compressed answer that was not asked for.`,
  malformed: (host) => `The answer of ${host} is not HTTP.`,
};

const hints: Partial<Record<Failure["kind"], string>> = {
  refused: "Check the network and the firewall.",
  unresolved: "Check the name of the vault or cloud, and the network.",
  untrusted: "A cloud with its own CA needs it at registration (--ca-file). A proxy that opens TLS needs NODE_EXTRA_CA_CERTS.",
  proxy: "Check HTTPS_PROXY and NO_PROXY.",
};

/** `effect`: what a lost answer leaves unknown, e.g. `whether the secret was written`; undefined for a read. */
export function unreachable(failure: Failure, origin: string, effect?: string): UscError {
  const sentence = sentences[failure.kind](origin.slice("https://".length));
  if (effect !== undefined && failure.sent) {
    return new UscError("unavailable", `${sentence} It is unknown ${effect}.`, { hint: "Look before you repeat the command." });
  }
  return new UscError("unavailable", sentence, { hint: hints[failure.kind] });
}
