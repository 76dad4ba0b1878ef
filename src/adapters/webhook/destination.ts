import { X509Certificate } from "node:crypto";
import { isIP, isIPv4, isIPv6 } from "node:net";
import { createSecureContext } from "node:tls";
import type { Place } from "../../features/events/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { reachOf } from "./addresses.ts";

export interface Destination {
  secure: boolean;
  /** Lower case; an IPv6 address without brackets. */
  host: string;
  port: number;
  /** With the query. */
  path: string;
}

// No URL parser: it would mend what is typed (decimal and octal addresses, full-width dots, backslashes, userinfo).
const form = /^(https?):\/\/([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?((?:\/|\?)[!-~]*)?$/i;
const names = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/;
const numeric = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/;
const mostUrl = 2048;

/** Throws `usage` for what is no URL of a receiver, leads to an address that it may not have, or brings a certificate that is none. */
export function destinationOf(place: Place): Destination {
  const [, scheme = "", authority = "", digits, rest = ""] = (place.url.length > mostUrl ? null : form.exec(place.url)) ?? [];
  const host = authority.toLowerCase().replace(/^\[|\]$/g, "");
  const secure = scheme.toLowerCase() === "https";
  const port = Number(digits ?? (secure ? 443 : 80));
  const isAddress = authority.startsWith("[") ? isIPv6(host) : isIPv4(host);
  if (!(isAddress || (names.test(host) && !numeric.test(host))) || port < 1 || port > 65_535 || /[\\#]/.test(rest)) {
    throw new UscError("usage", "--url is not valid: expected https://HOST[:PORT]/PATH.", {
      hint: "No user or password, no fragment; an address as four decimal numbers, or IPv6 in brackets.",
    });
  }
  checkReach(host, secure, place.reach);
  checkCertificates(place);
  return { secure, host, port, path: rest.startsWith("/") ? rest : `/${rest}` };
}

/** Whether an address may be spoken to. */
export function isAllowed(address: string, secure: boolean, reach: Place["reach"]): boolean {
  const is = reachOf(address);
  if (is === "public") return secure;
  return reach === "private" && (is === "loopback" || (is === "private" && secure));
}

function checkReach(host: string, secure: boolean, reach: Place["reach"]): void {
  const isLocal = host === "localhost" || host.endsWith(".localhost");
  const known = isIP(host) !== 0 ? host : isLocal ? "127.0.0.1" : undefined;
  if (known !== undefined && reachOf(known) === "never") {
    throw new UscError("usage", "--url leads to an address that no receiver has.", {
      hint: "Link-local, metadata, multicast, tunnel and documentation addresses are refused.",
    });
  }
  if (!secure && (known === undefined || reachOf(known) !== "loopback")) {
    throw new UscError("usage", "--url is not https.", { hint: "Plain http is for a receiver on loopback alone, with --allow-private." });
  }
  if (known !== undefined && !isAllowed(known, secure, reach)) {
    throw new UscError("usage", "--url leads to a private or loopback address.", {
      hint: "The user of the machine that sends may say --allow-private.",
    });
  }
}

function checkCertificates({ trust, client }: Place): void {
  try {
    if (trust !== undefined) void new X509Certificate(trust);
  } catch {
    throw new UscError("usage", "--server-certificates is not valid: it holds no certificate that can be read.");
  }
  try {
    if (client !== undefined) createSecureContext({ cert: client.certificate, key: client.key });
  } catch {
    throw new UscError("usage", "--client-cert-data and --private-key-data are no certificate and the key that belongs to it.", {
      hint: "Both in PEM; the key without a password.",
    });
  }
}
