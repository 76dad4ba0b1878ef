import { generateKeyPairSync, sign } from "node:crypto";

/** Somebody whose tokens Entra can be told to trust, as a cluster's or a CI system's. */
export function issuer(url = "https://issuer.example") {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  return {
    jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "RS256", use: "sig" }] },
    token(subject: string, change: Record<string, unknown> = {}): string {
      const claims = { iss: url, sub: subject, aud: "api://AzureADTokenExchange", exp: Math.floor(Date.now() / 1000) + 600, ...change };
      const signed = `${encoded({ alg: "RS256", typ: "JWT", kid: "k1" })}.${encoded(claims)}`;
      return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
    },
    /** What the application in Entra has to hold. */
    credential: (subject: string) => ({ issuer: url, subject }),
  };
}
