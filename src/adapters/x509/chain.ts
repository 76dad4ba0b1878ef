import type { KeyObject, X509Certificate } from "node:crypto";
import { isWhole } from "./key-proof.ts";
import { refusal } from "./refusals.ts";

/** `outside`: what vouches for nothing on the way from the leaf. */
export interface Ordered {
  chain: X509Certificate[];
  outside: X509Certificate[];
}

/**
 * From the leaf outwards, nearest first. A certificate may have more than one issuer (a root that another root signed for its early years), so this
 * walks a graph and not a line; what is reached is taken once, so two authorities that sign each other do not go round.
 */
export function orderChain(leaf: X509Certificate, others: readonly X509Certificate[]): Ordered {
  const chain: X509Certificate[] = [];
  let outside = [...others];
  for (const certificate of walk(leaf, chain)) {
    const issuers = outside.filter((other) => vouches(other, certificate));
    outside = outside.filter((other) => !issuers.includes(other));
    chain.push(...issuers);
  }
  return { chain, outside };
}

/** The leaf, then the chain while it grows. */
function* walk(leaf: X509Certificate, chain: readonly X509Certificate[]): Generator<X509Certificate> {
  yield leaf;
  // An array's iterator sees what is pushed meanwhile.
  yield* chain;
}

/** Whether `issuer` signed `certificate`, by name and by signature. */
function vouches(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A public key of a kind that Node does not know.
    return false;
  }
}

/** The one certificate of the key. */
export function leafOf(key: KeyObject, certificates: readonly X509Certificate[]): X509Certificate {
  const [leaf, ...more] = certificates.filter((certificate) => belongs(certificate, key));
  if (!leaf) throw refusal("keyMismatch", certificates.length);
  if (more.length > 0) throw refusal("manyLeaves", more.length + 1);
  if (!isWhole(key, leaf.publicKey)) throw refusal("damaged", "The private key");
  return leaf;
}

function belongs(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.checkPrivateKey(key);
  } catch {
    return false;
  }
}

/** The one certificate that vouches for no other. */
export function headOf(certificates: readonly X509Certificate[]): X509Certificate {
  const [head, ...more] = certificates.filter((each) => !certificates.some((other) => other !== each && vouches(each, other)));
  if (!head || more.length > 0) throw refusal("manyHeads", head ? more.length + 1 : "No");
  return head;
}
