import { UscError } from "../../kernel/errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whom a request is for. */
interface Place {
  /** Lower case; IPv6 in brackets. */
  host: string;
  port: number;
}

export interface Proxy {
  /** With the user and password, if it has any: for the agent alone. */
  url: string;
  /** `host:port`, for people. */
  name: string;
  host: string;
  port: number;
}

/**
 * The proxy that the environment wants for this place. Decided here and not by Node's agent, so that a failure can tell whose it is, and because
 * the agent goes straight past a proxy that it does not understand.
 */
export function proxyFor(environment: Environment, place: Place): Proxy | undefined {
  const given = environment["https_proxy"] || environment["HTTPS_PROXY"];
  if (!given || isExempt(environment["no_proxy"] || environment["NO_PROXY"] || "", place)) return undefined;
  const url = URL.parse(given.includes("://") ? given : `http://${given}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    // Not quoted: it may hold a password.
    throw new UscError("usage", "HTTPS_PROXY is not the URL of an http or https proxy.", { hint: "It looks like http://HOST:PORT." });
  }
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  return { url: url.href, name: `${url.hostname}:${port}`, host: url.hostname.replace(/^\[|\]$/g, ""), port };
}

/** As curl reads NO_PROXY: `*`, a host, a domain with all below it, each with a port if need be. */
function isExempt(list: string, { host, port }: Place): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "*") return true;
    const [, name = "", only] = /^(?:\*?\.)?(.+?)(?::([0-9]{1,5}))?$/.exec(entry.toLowerCase()) ?? [];
    return name !== "" && (only === undefined || Number(only) === port) && (host === name || host.endsWith(`.${name}`));
  });
}
