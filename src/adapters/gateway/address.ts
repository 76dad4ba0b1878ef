import { isIPv4 } from "node:net";
import { UscError } from "../../kernel/errors.ts";

export interface Place {
  secure: boolean;
  /** Lower case; IPv6 in brackets. */
  host: string;
  port: number;
  /** What stands before each route: `` or such as `/api/v2`. */
  prefix: string;
}

// No URL parser: it would mend what is typed, and what is mended is no longer what the user looked at.
const form = /^(https?):\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?((?:\/[\w.~-]+)*)\/?$/iu;

/** The parts of `https://HOST[:PORT][/PREFIX]`. What goes to another machine goes over TLS, unless `insecure`. */
export function placeOf(given: string, insecure: boolean): Place {
  const [, scheme = "", name = "", digits, prefix = ""] = form.exec(given.trim()) ?? [];
  const secure = scheme.toLowerCase() === "https";
  const port = Number(digits ?? (secure ? 443 : 80));
  if (name === "" || port < 1 || port > 65_535) {
    // Not quoted: it may hold a password.
    throw new UscError("usage", "The gateway's URL is not valid.", { hint: "It looks like https://HOST:PORT." });
  }
  const host = name.toLowerCase();
  if (!secure && !isLoopback(host) && !insecure) {
    throw new UscError("usage", `${host} is another machine, and without TLS everyone on the way could read the secrets.`, {
      hint: "Give an https URL. Where the way itself is safe, --insecure-gateway.",
    });
  }
  return { secure, host, port, prefix };
}

/** One spelling for each place: a profile's key goes nowhere else. */
export function gatewayAddress({ secure, host, port, prefix }: Place): string {
  return `${secure ? "https" : "http"}://${host}${port === (secure ? 443 : 80) ? "" : `:${port}`}${prefix}`;
}

/** A name under `localhost` may be looked up elsewhere; `localhost` itself may not. */
export const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || (isIPv4(host) && host.startsWith("127."));
