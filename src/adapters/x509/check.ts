import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type { Bundle } from "../../features/objects/x509-port.ts";
import { rfc3339 } from "../../kernel/clock.ts";
import { orderChain } from "./chain.ts";
import { keyFacts } from "./key-facts.ts";
import { distinguishedName } from "./names.ts";
import { refusal } from "./refusals.ts";

const rsaSizes = [2048, 3072, 4096];
const longestName = 200;

/** See the port. The dates of the leaf alone count: chains that work are served with roots that have expired. */
export function checkForImport({ key, leaf, chain }: Bundle, now: number): void {
  checkKey(createPrivateKey({ key, format: "der", type: "pkcs8" }));
  const certificate = new X509Certificate(leaf);
  const { validFromDate, validToDate } = certificate;
  if (now > validToDate.getTime()) throw refusal("expired", rfc3339(validToDate.getTime()));
  if (now < validFromDate.getTime()) throw refusal("notYetValid", rfc3339(validFromDate.getTime()));
  const [stray] = orderChain(
    certificate,
    chain.map((each) => new X509Certificate(each)),
  ).outside;
  if (stray) throw refusal("brokenChain", distinguishedName(stray.subject).slice(0, longestName) || "an empty name");
}

function checkKey(key: KeyObject): void {
  const { type, size = 0, curve } = keyFacts(key);
  if (type === "RSA" && rsaSizes.includes(size)) return;
  if (type === "EC" && curve?.startsWith("P-")) return;
  throw refusal("badKey", type === "RSA" ? `RSA of ${size} bits` : type === "EC" ? `the curve ${curve ?? "of its own"}` : type);
}
