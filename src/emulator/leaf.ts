import { X509Certificate } from "node:crypto";
import { issueLeaf, type Authority, type TlsIdentity } from "./authority.ts";

/** The server certificate, always with life left in it. */
export interface Leaf {
  current(): TlsIdentity;
}

const day = 86_400_000;

/**
 * Renews when asked and less than two days are left: no timer, so a machine that slept for a week is served right at its first
 * connection. `now` is the world's time and not that of the local Azure's clock, since TLS clients look at nothing else.
 */
export function createLeaf(authority: Authority, now: () => number): Leaf {
  let leaf = issueLeaf(authority, { now: now() });
  let renewAt = lastDay(leaf) - 2 * day;
  return {
    current() {
      if (now() >= renewAt) {
        leaf = issueLeaf(authority, { now: now() });
        renewAt = lastDay(leaf) - 2 * day;
      }
      return leaf;
    },
  };
}

function lastDay({ certificatePem }: TlsIdentity): number {
  return Date.parse(new X509Certificate(certificatePem).validTo);
}
