import { UscError } from "../../kernel/errors.ts";

/** A request without a whole answer. */
export interface Failure {
  kind: Kind;
  /** Whether the request can have reached the server. */
  sent: boolean;
  /** `host:port` of the proxy that the request went through. */
  proxy?: string | undefined;
  /** What the proxy said instead of opening a tunnel. */
  status?: number | undefined;
}

type Kind =
  | "refused"
  | "no-route"
  | "unresolved"
  | "no-dns"
  | "untrusted"
  | "proxy-refused"
  | "proxy-unresolved"
  | "proxy-login"
  | "proxy"
  | "reset"
  | "timeout"
  | "no-time"
  | "too-large"
  | "encoded"
  | "malformed";

export const expired = "USC_EXPIRED";
export const tooLarge = "USC_TOO_LARGE";
export const encoded = "USC_ENCODED";

const kinds: Readonly<Record<string, Kind>> = {
  [expired]: "timeout",
  [tooLarge]: "too-large",
  [encoded]: "encoded",
  ECONNREFUSED: "refused",
  ENOTFOUND: "unresolved",
  EAI_AGAIN: "no-dns",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "no-route",
  ENETUNREACH: "no-route",
  ERR_PROXY_TUNNEL: "proxy",
};

// Of a connection that was to end at the proxy.
const proxied: Partial<Record<Kind, Kind>> = {
  refused: "proxy-refused",
  "no-route": "proxy-refused",
  unresolved: "proxy-unresolved",
  "no-dns": "proxy-unresolved",
};

// OpenSSL's own names for a chain, name or date that does not hold.
const certificate = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_|EPROTO)/;

interface Thrown {
  code?: string | undefined;
  statusCode?: number | undefined;
}

export function failureOf({ code, statusCode }: Thrown, sent: boolean, proxy: string | undefined): Failure {
  const kind = kindOf(code, statusCode);
  return { kind: (proxy === undefined ? undefined : proxied[kind]) ?? kind, sent, proxy, status: statusCode };
}

function kindOf(code: string | undefined, status: number | undefined): Kind {
  const known = code === undefined ? undefined : kinds[code];
  if (known === "proxy" && status === 407) return "proxy-login";
  if (known !== undefined) return known;
  if (code !== undefined && certificate.test(code)) return "untrusted";
  return code?.startsWith("HPE_") === true ? "malformed" : "reset";
}

/** Whom a request was for. */
export interface Peer {
  /** `https://host[:port]`. */
  origin: string;
  is: "vault" | "login" | "arm";
}

type Say = (host: string, failure: Failure, peer: Peer) => string;

const sentences: Readonly<Record<Kind, Say>> = {
  refused: (host) => `${host} refused the connection.`,
  "no-route": (host) => `There is no route to ${host}.`,
  unresolved: (host, _failure, { is }) =>
    is === "vault"
      ? `The vault ${host.split(".", 1)[0]} does not exist: the name ${host} cannot be resolved.`
      : `The ${is === "arm" ? "ARM" : "login"} host ${host} does not exist: its name cannot be resolved.`,
  "no-dns": (host) => `The name server did not answer when asked for ${host}.`,
  untrusted: (host) => `The TLS certificate of ${host} is not trusted.`,
  "proxy-refused": (host, { proxy }) => `The proxy ${proxy} on the way to ${host} refused the connection.`,
  "proxy-unresolved": (host, { proxy }) => `The name of the proxy ${proxy} on the way to ${host} cannot be resolved.`,
  "proxy-login": (host, { proxy }) => `The proxy ${proxy} on the way to ${host} asks for a user and password (HTTP 407).`,
  proxy: (host, { proxy, status }) => `The proxy ${proxy} opened no tunnel to ${host}${status === undefined ? "" : ` (HTTP ${status})`}.`,
  reset: (host) => `The connection to ${host} was closed before the answer was whole.`,
  timeout: (host, { sent }) => (sent ? `${host} did not answer in time.` : `No connection to ${host} came about in time.`),
  "no-time": (host) => `The time given was over before ${host} could be asked.`,
  "too-large": (host) => `The answer of ${host} is larger than any of this service.`,
  encoded: (host) => `${host} sent a compressed answer that was not asked for.`,
  malformed: (host) => `The answer of ${host} is not HTTP.`,
};

const hints: Readonly<Record<Kind, string>> = {
  refused: "Check the address, and whether something listens there. A local Azure runs as long as `usc emulator start` does.",
  "no-route": "Check this machine's network, and the VPN if the host is behind one.",
  unresolved: "Check the name and the cloud. A vault with a private endpoint is known to its own network's DNS alone.",
  "no-dns": "Check this machine's network and name servers.",
  untrusted:
    "A cloud of your own needs its CA: `usc cloud register --ca-file`. For a proxy that opens TLS set NODE_EXTRA_CA_CERTS, or NODE_USE_SYSTEM_CA=1 if this machine knows its CA.",
  "proxy-refused": "Check HTTPS_PROXY; hosts in NO_PROXY are reached without it.",
  "proxy-unresolved": "Check HTTPS_PROXY; hosts in NO_PROXY are reached without it.",
  "proxy-login": "Put them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT.",
  proxy: "A proxy that does not know the name says so as well: check the vault's name, HTTPS_PROXY and NO_PROXY.",
  reset: "Repeat the command.",
  timeout: "Repeat the command, or give it longer with --timeout. A firewall that drops packets looks the same.",
  "no-time": "Give it longer with --timeout.",
  "too-large": "Check the address.",
  encoded: "Check the address, and the proxy if there is one.",
  malformed: "Check the address, and the proxy if there is one.",
};

/** `effect`: what a lost answer leaves unknown, e.g. `whether the secret was written`; undefined for a read. */
export function unreachable(failure: Failure, peer: Peer, effect?: string): UscError {
  const sentence = sentences[failure.kind](peer.origin.slice("https://".length), failure, peer);
  return effect !== undefined && failure.sent
    ? lost(sentence, effect)
    : new UscError("unavailable", sentence, { hint: hints[failure.kind] });
}

/** The answer to a write does not tell what became of it. */
export function lost(sentence: string, effect: string, requestId?: string): UscError {
  return new UscError("unavailable", `${sentence} It is unknown ${effect}.`, {
    hint: "Look before you repeat the command.",
    requestId,
    reason: "lost",
  });
}
