import type { Failure } from "../../features/events/port.ts";

export const notAllowed = "USC_ADDRESS";

const failures: Readonly<Record<string, Failure>> = {
  [notAllowed]: "address not allowed",
  ABORT_ERR: "timeout",
  ETIMEDOUT: "timeout",
  ENOTFOUND: "name not found",
  EAI_AGAIN: "name not found",
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "connection refused",
  ENETUNREACH: "connection refused",
};

// OpenSSL's own names for a chain, name or date that does not hold.
const untrusted = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;

/** By code alone: the text of an error may quote what was sent. */
export function failureOf({ code = "" }: NodeJS.ErrnoException): Failure {
  if (untrusted.test(code)) return "certificate not trusted";
  if (/^(?:ERR_SSL_|ERR_TLS_|EPROTO)/.test(code)) return "TLS failed";
  return failures[code] ?? (code.startsWith("HPE_") ? "not HTTP" : "connection lost");
}
