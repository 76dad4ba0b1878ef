import { createPrivateKey, createPublicKey, generateKeyPair, createHash, randomUUID, sign, verify, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { epochSeconds } from "./clock.ts";
import { readJwt } from "./jwt.ts";

export interface Signer {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export interface Caller {
  clientId: string;
  objectId: string;
  issuer: string;
  /** Application permissions for the resource. */
  roles: readonly string[];
  /** The name of a user who logged in; undefined for an application. */
  user: string | undefined;
}

export type TokenCheck = { ok: true; caller: Caller } | { ok: false; why: TokenFault; found: string };
type TokenFault = "malformed" | "algorithm" | "key" | "signature" | "issuer" | "audience" | "expired" | "not yet valid";

/** How the client proved who it is; the token says so as `appidacr`. */
type Proof = "secret" | "certificate";

export const tokenLifeSeconds = 3599;

export async function createSigner(pem?: string): Promise<Signer> {
  const privateKey =
    pem === undefined ? (await promisify(generateKeyPair)("rsa", { modulusLength: 2048 })).privateKey : createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const kid = createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
  return { kid, privateKey, publicKey };
}

export function issuerOf(tenantId: string): string {
  return `https://sts.windows.net/${tenantId}/`;
}

interface About {
  tenantId: string;
  clientId: string;
  objectId: string;
  audience: string;
  now: number;
  proof?: Proof;
  lifeSeconds?: number;
  /** Only Graph has permissions for applications here. */
  roles?: readonly string[];
  /** The name of the user whom the token stands for, with the client as his tool. */
  user?: string;
}

export function issueToken(signer: Signer, about: About): string {
  const now = epochSeconds(about.now);
  const { user, roles = [] } = about;
  const proof = about.proof === "certificate" ? "2" : "1";
  return signToken(signer, {
    aud: about.audience,
    iss: issuerOf(about.tenantId),
    // Entra dates its tokens back by five minutes, for clocks that are behind.
    iat: now - 300,
    nbf: now - 300,
    exp: now + (about.lifeSeconds ?? tokenLifeSeconds),
    appid: about.clientId,
    appidacr: about.proof === undefined ? "0" : proof,
    idp: issuerOf(about.tenantId),
    idtyp: user === undefined ? "app" : "user",
    oid: about.objectId,
    ...(roles.length > 0 && isGraph(about.audience) ? { roles } : {}),
    ...(user === undefined ? {} : { scp: "user_impersonation", upn: user, unique_name: user }),
    sub: about.objectId,
    tid: about.tenantId,
    uti: randomUUID().replaceAll("-", ""),
    ver: "1.0",
  });
}

export const graphAudiences = [
  "https://graph.microsoft.com",
  "https://graph.microsoft.com/",
  "00000003-0000-0000-c000-000000000000",
] as const;

function isGraph(audience: string): boolean {
  return graphAudiences.some((each) => each === audience);
}

export function signToken(signer: Signer, claims: Readonly<Record<string, unknown>>): string {
  const head = encoded({ typ: "JWT", alg: "RS256", x5t: signer.kid, kid: signer.kid });
  const signed = `${head}.${encoded(claims)}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), signer.privateKey).toString("base64url")}`;
}

/** Stricter than the service in one point: no leeway after `exp`, so that a client that relies on it is found out. */
export function checkToken(
  jwt: string,
  expect: { signer: Signer; tenantId: string; audience: string | readonly string[]; now: number },
): TokenCheck {
  const read = readJwt(jwt);
  if (read === undefined) return refuse("malformed");
  const { header, claims, signed, signature } = read;
  // The algorithm is ours to say, never the token's: "none" and HS256 end here.
  if (header["alg"] !== "RS256") return refuse("algorithm");
  if (header["kid"] !== expect.signer.kid) return refuse("key");
  if (!verify("RSA-SHA256", signed, expect.signer.publicKey, signature)) return refuse("signature");

  const { iss, tid, aud, exp, nbf, appid, oid, roles, upn } = claims;
  if (typeof iss !== "string" || iss !== issuerOf(expect.tenantId)) return refuse("issuer", iss);
  if (tid !== expect.tenantId) return refuse("issuer", `https://sts.windows.net/${typeof tid === "string" ? tid : ""}/`);
  if (typeof aud !== "string" || ![expect.audience].flat().includes(aud)) return refuse("audience", aud);
  const now = epochSeconds(expect.now);
  if (typeof exp !== "number" || exp <= now) return refuse("expired");
  if (typeof nbf !== "number" || nbf > now) return refuse("not yet valid");
  if (typeof appid !== "string" || typeof oid !== "string") return refuse("malformed");
  const given = Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
  const user = typeof upn === "string" ? upn : undefined;
  return { ok: true, caller: { clientId: appid, objectId: oid, issuer: iss, roles: given, user } };
}

function refuse(why: TokenFault, found?: unknown): TokenCheck {
  return { ok: false, why, found: typeof found === "string" ? found : "" };
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
