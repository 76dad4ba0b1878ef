import { constants, createHash, createPublicKey, verify, X509Certificate, type KeyObject } from "node:crypto";
import { epochSeconds } from "./clock.ts";
import type { Application, FederatedCredential } from "./directory.ts";
import { entraErrors, type Refusal } from "./entra-errors.ts";
import { readJwt, type ReadJwt } from "./jwt.ts";

export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Where an assertion is heard. */
interface Hearing {
  application: Application;
  /** What may stand as the audience of an assertion that a certificate signed. */
  audiences: readonly string[];
  now: number;
}

/** Why a client assertion does not prove who the client is, or undefined. Signed by the client itself, or by somebody it trusts. */
export function checkAssertion(assertion: string, hearing: Hearing): Refusal | undefined {
  const jwt = readJwt(assertion);
  if (jwt === undefined) return entraErrors.malformedAssertion();
  const { iss, sub } = jwt.claims;
  const isOwn = [iss, sub].some((name) => typeof name === "string" && name.toLowerCase() === hearing.application.clientId);
  return isOwn ? checkOwn(jwt, hearing) : checkFederated(jwt, hearing);
}

function checkOwn(jwt: ReadJwt, { application, audiences, now }: Hearing): Refusal | undefined {
  const { x5t, "x5t#S256": x5t256 } = jwt.header;
  const found = application.certificates
    .map(({ der }) => new X509Certificate(Buffer.from(der, "base64")))
    .find(({ raw }) => {
      const named = [
        ["sha1", x5t],
        ["sha256", x5t256],
      ] as const;
      const given = named.filter(([, print]) => print !== undefined);
      return given.length > 0 && given.every(([digest, print]) => createHash(digest).update(raw).digest().equals(bytesOf(print)));
    });
  const print = typeof x5t256 === "string" ? x5t256 : typeof x5t === "string" ? x5t : "";
  const shown = Buffer.from(print, "base64url").toString("hex").toUpperCase();
  if (found === undefined) return entraErrors.unknownCertificate(application.clientId, shown);
  if (!isSignedBy(jwt, found.publicKey)) return entraErrors.badSignature(shown);
  if (found.validToDate.getTime() <= now) return entraErrors.expiredCertificate(shown, found.validFromDate, found.validToDate);
  const { aud, iss, sub } = jwt.claims;
  if (iss !== sub) return entraErrors.malformedAssertion();
  if (typeof aud !== "string" || !audiences.includes(aud)) return entraErrors.wrongAssertionAudience();
  return checkTime(jwt, now);
}

/** As in Entra issuer, subject and audience must all be one credential's, letter for letter; which one fails is said. */
function checkFederated(jwt: ReadJwt, { application, now }: Hearing): Refusal | undefined {
  if (application.federated.length === 0) return entraErrors.noFederation(application.clientId, application.displayName);
  const iss = textOf(jwt.claims["iss"]);
  const sub = textOf(jwt.claims["sub"]);
  const given = [jwt.claims["aud"]].flat().map(textOf);
  const ofIssuer = application.federated.filter(({ issuer }) => issuer === iss);
  if (ofIssuer.length === 0) return entraErrors.noFederatedMatch("issuer", iss);
  const ofSubject = ofIssuer.filter(({ subject }) => subject === sub);
  if (ofSubject.length === 0) return entraErrors.noFederatedMatch("subject", sub);
  const credential = ofSubject.find(({ audiences }) => audiences.some((audience) => given.includes(audience)));
  if (credential === undefined) return entraErrors.noFederatedMatch("audience", given.join(","));
  const kid = jwt.header["kid"];
  if (!keysOf(credential, kid).some((key) => isSignedBy(jwt, key))) return entraErrors.badFederatedSignature(textOf(kid));
  return checkTime(jwt, now);
}

function keysOf({ keys }: FederatedCredential, kid: unknown): KeyObject[] {
  const wanted = keys.filter((jwk) => kid === undefined || jwk["kid"] === undefined || jwk["kid"] === kid);
  return wanted.map((jwk) => createPublicKey({ key: jwk, format: "jwk" }));
}

/** The algorithm is one of ours and fits the key: "none" and HS256 end here. */
function isSignedBy({ header, signed, signature }: ReadJwt, key: KeyObject): boolean {
  if (key.asymmetricKeyType === "ec") {
    return header["alg"] === "ES256" && verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, signature);
  }
  if (key.asymmetricKeyType !== "rsa") return false;
  const padding = paddings[textOf(header["alg"])];
  return padding !== undefined && verify("sha256", signed, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature);
}

const paddings: Readonly<Record<string, number>> = { RS256: constants.RSA_PKCS1_PADDING, PS256: constants.RSA_PKCS1_PSS_PADDING };

function checkTime({ claims }: ReadJwt, now: number): Refusal | undefined {
  const at = epochSeconds(now);
  const { nbf = at, exp } = claims;
  // Entra's leeway is five minutes.
  const isNow = typeof exp === "number" && typeof nbf === "number" && nbf - 300 <= at && at < exp + 300;
  return isNow ? undefined : entraErrors.assertionOutOfTime(now, nbf, exp);
}

/** With or without padding: Python's MSAL writes it, and Entra takes it. */
function bytesOf(print: unknown): Buffer {
  return Buffer.from(textOf(print), "base64url");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
