import { createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import type { Bundle, BundleInput, Certificates } from "../../features/objects/x509-port.ts";
import { newBudget } from "./budget.ts";
import { headOf, leafOf, orderChain } from "./chain.ts";
import { contentsOf, type Contents } from "./input.ts";
import { refusal } from "./refusals.ts";

/** See the port. */
export async function readBundle({ bytes, keyBytes, chainBytes, password }: BundleInput): Promise<Bundle> {
  const budget = newBudget();
  const found: Contents[] = [];
  for (const input of [bytes, keyBytes, chainBytes]) {
    // oxlint-disable-next-line no-await-in-loop -- the budget is one for all
    if (input) found.push(await contentsOf(input, "all", password, budget));
  }
  const certificates = distinct(found.flatMap((each) => each.certificates));
  const [key, ...otherKeys] = distinctKeys(found.flatMap((each) => each.keys));
  if (certificates.length === 0) throw refusal("noCertificate");
  if (!key) throw refusal("noKey");
  if (otherKeys.length > 0) throw refusal("manyKeys", otherKeys.length + 1);
  return { key: key.export({ type: "pkcs8", format: "der" }), ...withLeaf(leafOf(key, certificates), certificates) };
}

export async function readCertificates(bytes: Uint8Array): Promise<Certificates> {
  const { certificates } = await contentsOf(bytes, "certificates", undefined, newBudget());
  const all = distinct(certificates);
  if (all.length === 0) throw refusal("noCertificate");
  return withLeaf(headOf(all), all);
}

function withLeaf(leaf: X509Certificate, all: readonly X509Certificate[]): Certificates {
  const { chain, outside } = orderChain(
    leaf,
    all.filter((each) => each !== leaf),
  );
  return { leaf: leaf.raw, chain: [...chain, ...outside].map((each) => each.raw) };
}

/** Bundles made with a script often hold a certificate twice. */
function distinct(certificates: readonly X509Certificate[]): X509Certificate[] {
  return [...new Map(certificates.map((each) => [each.fingerprint256, each])).values()];
}

/** By their public halves. Not by `equals`: of keys of two kinds it leaves an error in OpenSSL's queue, and the next TLS connection hangs up. */
function distinctKeys(keys: readonly KeyObject[]): KeyObject[] {
  const halves = keys.map((key) => createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64"));
  return keys.filter((_, at) => halves.indexOf(halves[at] ?? "") === at);
}
