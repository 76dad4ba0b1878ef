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

const recoverHint =
  "If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182";

const conflictCauses =
  "This can happen if either: a second secret with the same name was created after the first secret was deleted; thus trying to restore a secret whose name is already in use. To fix this, rename the second secret to something else so that the restore works. The second probable cause of this exception is when multiple operations are performed in parallel against the secret. To avoid this error, perform operations against a secret in a sequential manner.";

const bad = (message: string): VaultFailure => new VaultFailure(400, "BadParameter", message);
const unauthorized = (message: string): VaultFailure => new VaultFailure(401, "Unauthorized", message);
const beingDeleted = (message: string): VaultFailure => new VaultFailure(409, "Conflict", message, "ObjectIsBeingDeleted");

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

  secretNotFound: (id: string) =>
    new VaultFailure(404, "SecretNotFound", `A secret with (name/id) ${id} was not found in this key vault. ${recoverHint}`),
  deletedNotFound: (name: string) => new VaultFailure(404, "SecretNotFound", `Deleted Secret not found: ${name}`),
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

  recoverable: (name: string) =>
    new VaultFailure(
      409,
      "Conflict",
      `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
      "ObjectIsDeletedButRecoverable",
    ),
  setWhileDeleting: (name: string) => beingDeleted(`Secret ${name} is currently being deleted and cannot be re-created; retry later.`),
  recoverWhileDeleting: (name: string) => beingDeleted(`Secret ${name} is currently being deleted.`),
  purgeWhileDeleting: () => beingDeleted("Secret is currently being deleted."),
  recovering: (name: string) => new VaultFailure(409, "Conflict", `Secret ${name} is currently being recovered.`, "ObjectIsBeingRecovered"),
  notDeleted: (name: string) =>
    new VaultFailure(400, "MethodNotAllowed", `Secret exists already: ${name}`, "RequestNotAllowedOnNonDeletedObject"),

  malformedBackup: () => new VaultFailure(400, "Malformed backup blob", "Backup blob contains invalid or corrupt version."),
  restoreConflict: (id: string) =>
    new VaultFailure(409, "Conflict", `There was a conflict restoring the secret '${id}'. ${conflictCauses}`),

  throttled: () =>
    new VaultFailure(
      429,
      "Throttled",
      "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
    ),
  unknownVault: (vault: string) => new VaultFailure(404, "VaultNotFound", `The local Azure has no vault named ${vault}.`),
  unknownRoute: (method: string, path: string) => new VaultFailure(404, "NotFound", `The local Azure does not know ${method} ${path} yet.`),
} as const;
