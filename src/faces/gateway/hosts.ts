import type { IncomingMessage } from "node:http";

type Raw = Pick<IncomingMessage, "rawHeaders" | "socket">;

/**
 * The hosts that the gateway answers to. A page whose name was made to point here brings its own host; so do a proxy's tricks: two of them, none,
 * a trailing dot. The very address that a request came in at is no name that anybody could point elsewhere.
 */
export function isOurHost({ rawHeaders, socket }: Raw, hosts: ReadonlySet<string>): boolean {
  const given = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === "host");
  const [host, ...others] = given;
  if (host === undefined || others.length > 0) return false;
  return hosts.has(host.toLowerCase()) || hostOf(nameOf(socket.localAddress ?? ""), socket.localPort ?? 0) === host.toLowerCase();
}

/** What clients call an address: with its port, and without where the port is the usual one. */
export function hostsOf(names: readonly string[], port: number, secure: boolean): Set<string> {
  const usual = port === (secure ? 443 : 80);
  return new Set(names.flatMap((name) => [hostOf(name.toLowerCase(), port), ...(usual ? [name.toLowerCase()] : [])]));
}

/** What clients call a name that was allowed: at this port, or at the usual one of a proxy before it; with a port of its own, at that one alone. */
export const hostsAllowed = (names: readonly string[], port: number): string[] =>
  names.map((name) => name.toLowerCase()).flatMap((name) => (/:\d+$/u.test(name) ? [name] : [name, hostOf(name, port)]));

/** An address as it stands in a URL. */
export function nameOf(address: string): string {
  const plain = unmapped(address);
  return plain.includes(":") ? `[${plain}]` : plain;
}

/** An IPv4 address that came in over IPv6 is one all the same. */
export const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/iu, "");

const hostOf = (name: string, port: number): string => `${name}:${port}`;
