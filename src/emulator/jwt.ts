/** The three parts of a JWT, read and not believed. */
export interface ReadJwt {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  /** What the signature is over. */
  signed: Buffer;
  signature: Buffer;
}

export function readJwt(jwt: string): ReadJwt | undefined {
  const parts = jwt.split(".");
  const [head = "", payload = "", signature = ""] = parts;
  if (parts.length !== 3 || !parts.every((part) => /^[0-9A-Za-z_-]*$/.test(part))) return undefined;
  const header = decodedObject(head);
  const claims = decodedObject(payload);
  if (header === undefined || claims === undefined) return undefined;
  return { header, claims, signed: Buffer.from(`${head}.${payload}`), signature: Buffer.from(signature, "base64url") };
}

function decodedObject(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
