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

export type Kind =
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

const sentences: Readonly<Record<Kind, (host: string, failure: Failure) => string>> = {
  refused: (host) => `${host} refused the connection.`,
  "no-route": (host) => `There is no route to ${host}.`,
  unresolved: (host) => `The name ${host} cannot be resolved.`,
  "no-dns": (host) => `The name server did not answer when asked for ${host}.`,
  untrusted: (host) => `The TLS certificate of ${host} is not trusted.`,
  "proxy-refused": (host, { proxy }) => `The proxy ${proxy} on the way to ${host} refused the connection.`,
  "proxy-unresolved": (host, { proxy }) => `The name of the proxy ${proxy} on the way to ${host} cannot be resolved.`,
  "proxy-login": (host, { proxy }) => `The proxy ${proxy} on the way to ${host} asks for a user and password (HTTP 407).`,
  proxy: (host, { proxy, status }) => `The proxy ${proxy} opened no tunnel to ${host}${status === undefined ? "" : ` (HTTP ${status})`}.`,
  reset: (host) => `The connection to ${host} was closed before the answer was whole.`,
  timeout: (host, { sent, proxy }) =>
    sent
      ? `${host} did not answer in time.`
      : `No connection to ${host} came about in time${proxy === undefined ? "" : `, through the proxy ${proxy}`}.`,
  "no-time": (host) => `The time given was over before ${host} could be asked.`,
  "too-large": (host) => `The answer of ${host} is larger than any of this service.`,
  encoded: (host) => `${host} sent a compressed answer that was not asked for.`,
  malformed: (host) => `The answer of ${host} is not HTTP.`,
};

/** What happened, in words; `host` is whom the request was for. */
export const sentenceOf = (failure: Failure, host: string): string => sentences[failure.kind](host, failure);
