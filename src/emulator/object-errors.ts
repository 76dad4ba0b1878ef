import { VaultFailure } from "./vault-errors.ts";

/** What a vault says of an object of one kind, word for word. */
export type ObjectErrors = ReturnType<typeof errorsOf>;

const seeAlso = "For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182";

function errorsOf(kind: "Secret" | "Certificate" | "Key") {
  const word = kind.toLowerCase();
  const conflict = (message: string, inner?: string): VaultFailure => new VaultFailure(409, "Conflict", message, inner);
  const beingDeleted = (message: string): VaultFailure => conflict(message, "ObjectIsBeingDeleted");
  return {
    notFound: (id: string) =>
      new VaultFailure(
        404,
        `${kind}NotFound`,
        `A ${word} with (name/id) ${id} was not found in this key vault. If you recently deleted this ${word} you may be able to recover it using the correct recovery command. ${seeAlso}`,
      ),
    deletedNotFound: (name: string) => new VaultFailure(404, `${kind}NotFound`, `Deleted ${kind} not found: ${name}`),
    recoverable: (name: string) =>
      conflict(
        `${kind} ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the ${word} can only be recovered or purged.`,
        "ObjectIsDeletedButRecoverable",
      ),
    setWhileDeleting: (name: string) => beingDeleted(`${kind} ${name} is currently being deleted and cannot be re-created; retry later.`),
    recoverWhileDeleting: (name: string) => beingDeleted(`${kind} ${name} is currently being deleted.`),
    purgeWhileDeleting: () => beingDeleted(`${kind} is currently being deleted.`),
    recovering: (name: string) => conflict(`${kind} ${name} is currently being recovered.`, "ObjectIsBeingRecovered"),
    notDeleted: (name: string) =>
      new VaultFailure(400, "MethodNotAllowed", `${kind} exists already: ${name}`, "RequestNotAllowedOnNonDeletedObject"),
    restoreConflict: (id: string) => conflict(`There was a conflict restoring the ${word} '${id}'. ${conflictCauses(word)}`),
  };
}

function conflictCauses(word: string): string {
  return `This can happen if either: a second ${word} with the same name was created after the first ${word} was deleted; thus trying to restore a ${word} whose name is already in use. To fix this, rename the second ${word} to something else so that the restore works. The second probable cause of this exception is when multiple operations are performed in parallel against the ${word}. To avoid this error, perform operations against a ${word} in a sequential manner.`;
}

export const secretErrors = errorsOf("Secret");
export const certificateErrors = errorsOf("Certificate");
export const keyErrors = errorsOf("Key");
