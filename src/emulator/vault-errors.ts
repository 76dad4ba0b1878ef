/** The error catalogue of the vault, word for word as the service sends it. */
export class VaultFailure extends Error {
  override name = "VaultFailure";
  readonly status: number;
  readonly code: string;
  readonly inner: string | undefined;

  constructor(status: number, code: string, message: string, inner?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.inner = inner;
  }
}

export function failureBody(failure: VaultFailure): object {
  const inner = failure.inner === undefined ? {} : { innererror: { code: failure.inner } };
  return { error: { code: failure.code, message: failure.message, ...inner } };
}

const bad = (message: string): VaultFailure => new VaultFailure(400, "BadParameter", message);
const unauthorized = (message: string): VaultFailure => new VaultFailure(401, "Unauthorized", message);

export const vaultErrors = {
  noToken: () => unauthorized("AKV10000: Request is missing a Bearer or PoP token."),
  wrongIssuer: (expected: string, found: string) => unauthorized(`AKV10032: Invalid issuer. Expected one of ${expected}, found ${found}.`),
  wrongAudience: (expected: string, found: string) => unauthorized(`AKV10022: Invalid audience. Expected ${expected}, found: ${found}.`),
  badToken: (why: string) => unauthorized(`Error validating token: ${why}.`),

  badParameter: bad,
  noApiVersion: () => bad("api-version must be specified"),
  unknownApiVersion: (version: string) =>
    bad(`The specified version (${version}) is not recognized. Consider using the latest supported version (2025-07-01).`),
  badName: (name: string) => bad(`The request URI contains an invalid name: ${name}`),
  valueTooLong: () => bad("Secret is beyond the maximum permitted length of 25600 characters."),
  notPem: () => bad("The 'Unsupported' to 'PEM' transformation is not supported. Only PFX to PEM transformation is supported."),
  tooLarge: () => new VaultFailure(413, "RequestEntityTooLarge", "The request body is larger than 1048576 bytes."),

  disabled: (operation: string) =>
    new VaultFailure(403, "Forbidden", `Operation ${operation} is not allowed on a disabled secret.`, "SecretDisabled"),
  managed: (operation: string) =>
    new VaultFailure(
      403,
      "Forbidden",
      `Operation "${operation}" is not allowed as this object's lifetime is managed by Key Vault.`,
      "SecretManagedByKeyVault",
    ),
  purgeProtected: (vault: string, region: string) =>
    new VaultFailure(
      403,
      "Forbidden",
      `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: ${vault};location=${region}`,
    ),

  malformedBackup: () => new VaultFailure(400, "Malformed backup blob", "Backup blob contains invalid or corrupt version."),
  throttled: () =>
    new VaultFailure(
      429,
      "Throttled",
      "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
    ),
  unknownVault: (vault: string) => new VaultFailure(404, "VaultNotFound", `The local Azure has no vault named ${vault}.`),
  unknownRoute: (method: string, path: string) => new VaultFailure(404, "NotFound", `The local Azure does not know ${method} ${path} yet.`),
} as const;
