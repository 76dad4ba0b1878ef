import * as z from "zod/mini";
import { typeFlag, type Noun, type Vault } from "../../features/objects/port.ts";
import { UscError, type Code, type Reason } from "../../kernel/errors.ts";
import { once } from "../../kernel/once.ts";
import { parseJson } from "./answers.ts";
import { forbidden } from "./forbidden.ts";
import { retryAfterMs } from "./persist.ts";
import { requestIdOf, type Reply } from "./transport.ts";

const Body = once(() => {
  const inner = z.object({ code: z.optional(z.string()) });
  return z.object({ error: z.object({ code: z.string(), message: z.optional(z.string()), innererror: z.optional(z.nullable(inner)) }) });
});

export interface Refusal {
  /** Empty when the answer is none of Key Vault's. */
  code: string;
  inner: string | undefined;
  /** For the facts that stand nowhere else: action, object id. Never shown, and never what decides. */
  message: string;
}

/** The vault that refused, and whom. */
export type Asked = Pick<Vault, "url" | "target">;

export type Told = [code: Code, sentence: string, hint?: string | undefined, reason?: Reason];

export function refusalCodes(reply: Reply): Refusal {
  const error = parseJson(Body(), reply.body)?.error;
  return { code: error?.code ?? "", inner: error?.innererror?.code, message: error?.message ?? "" };
}

/** Whether an inner code says that the object is there and disabled. */
export const isDisabling = (inner: string | undefined): boolean => inner === "SecretDisabled" || inner === "CertificateDisabled";

/** Azure's refusal as one of ours, by status and code. `name` and `version`: what was asked for, if any. */
export function refusal(reply: Reply, vault: Asked, name?: string, noun: Noun = "secret", version?: string): UscError {
  const [code, sentence, hint, reason] = told(reply.status, refusalCodes(reply), vault, { name, noun, version });
  const after = retryAfterMs(reply);
  return new UscError(code, sentence, {
    hint,
    requestId: requestIdOf(reply),
    retryAfter: after === undefined ? undefined : after / 1000,
    reason,
  });
}

interface Subject {
  name: string | undefined;
  noun: Noun;
  version: string | undefined;
}

function told(status: number, error: Refusal, vault: Asked, { name, noun, version }: Subject): Told {
  const object = name === undefined ? `the ${noun}s` : `the ${noun} ${name}`;
  const what = version === undefined ? object : `the version ${version} of ${object}`;
  if (status === 401) {
    return [
      "unauthenticated",
      `${vault.url} refused the token of the target ${vault.target.name}.`,
      "Check that the vault's tenant is the target's.",
    ];
  }
  if (status === 429) {
    return [
      "unavailable",
      `${vault.url} takes no more requests at the moment: it is throttling (HTTP 429).`,
      "Repeat the command later, or send fewer at a time (--concurrency); --max-retries waits longer.",
    ];
  }
  if (status >= 500) return ["unavailable", `${vault.url} is not available at the moment (HTTP ${status}).`, "Repeat the command later."];
  if (status >= 300 && status < 400) {
    return ["unavailable", `${vault.url} answered with a redirect, which is not followed.`, "Check the vault's address."];
  }
  // A gateway on the way that answers 403 or 404 says nothing about the secret.
  if (error.code === "")
    return [
      "unavailable",
      `${vault.url} answered something that is not Key Vault's (HTTP ${status}).`,
      "Check the vault's address and the proxy.",
    ];
  if (status === 403) return forbidden(error, vault, what, noun);
  if (status === 404 && error.code === "VaultNotFound")
    return ["unavailable", `The vault ${vault.url} does not exist.`, "Check the vault's name and the target's cloud."];
  if (status === 404 && /^(?:Secret|Certificate)NotFound$/.test(error.code))
    return [
      "not_found",
      `There is no ${what.slice(4)} in ${vault.url}.`,
      `\`usc ${version === undefined ? "list" : "versions"}${typeFlag(noun)}\` shows what there is.`,
    ];
  if (status === 404 && error.code === "CertificateIssuerNotFound") {
    return [
      "not_found",
      `${vault.url} knows no issuer of that name.`,
      "Issuers are set up in the vault itself; without --issuer the certificate signs itself.",
    ];
  }
  if (status === 409 && error.inner === "ObjectIsDeletedButRecoverable") {
    return [
      "conflict",
      `The name ${name} is held by a soft-deleted ${noun}.`,
      "--if-deleted recover brings it back and adds a version; --if-deleted purge purges it first.",
      "deleted",
    ];
  }
  if (status === 409 && noun === "certificate" && error.inner === undefined) {
    return [
      "conflict",
      `A version of ${what} is in the making already.`,
      "Wait until it is signed; what is signed outside is completed by --merge-file.",
      "making",
    ];
  }
  if (status === 409) return ["conflict", `Key Vault is still working on ${what}.`, "Repeat the command in some seconds.", "deleting"];
  if (status === 400) {
    // What it says of a certificate names a field, and no value.
    const said = noun === "certificate" ? sayable(error.message) : "";
    return [
      "usage",
      `Key Vault did not accept the request for ${what} (${plain(error.code)}).`,
      said === "" ? undefined : `Key Vault says: ${said}`,
    ];
  }
  return ["unavailable", `${vault.url} refused the request for ${what} (HTTP ${status}, ${plain(error.code)}).`];
}

const plain = (code: string): string => (/^[\w ]{1,60}$/.test(code) ? code : "unknown code");

/** What Azure says, on one line that a terminal can show. Nothing as long as a key, a PFX or a token: it might be repeating what it was sent. */
const sayable = (text: string): string =>
  text
    .replace(/[\p{C}\s]+/gu, " ")
    .replace(/eyJ\S*|\S{48,}/gu, "...")
    .trim()
    .slice(0, 300);
