import type { IncomingMessage } from "node:http";

/**
 * The hosts that the gateway answers to. A page whose name was made to point here brings its own host; so do a proxy's tricks: two of them, none, an
 * absolute form, a trailing dot.
 */
export function isOurHost({ rawHeaders, url = "" }: Pick<IncomingMessage, "rawHeaders" | "url">, hosts: ReadonlySet<string>): boolean {
  const given = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === "host");
  const [host, ...others] = given;
  return host !== undefined && others.length === 0 && url.startsWith("/") && hosts.has(host.toLowerCase());
}

/** What clients call an address: with its port, and without where the port is the usual one. */
export function hostsOf(names: readonly string[], port: number, secure: boolean): Set<string> {
  const usual = port === (secure ? 443 : 80);
  return new Set(names.flatMap((name) => [`${name.toLowerCase()}:${port}`, ...(usual ? [name.toLowerCase()] : [])]));
}
