import * as z from "zod/mini";
import type { Vault } from "../../features/objects/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import { retryAfterMs } from "./persist.ts";
import { requestIdOf, type Reply } from "./transport.ts";

const Body = z.object({
  error: z.object({
    code: z.string(),
    message: z.optional(z.string()),
    innererror: z.optional(z.nullable(z.object({ code: z.optional(z.string()) }))),
  }),
});

/** Which role has the data action that Azure says is missing. */
const roles: Readonly<Record<string, string>> = {
  "secrets/getSecret/action": "Key Vault Secrets User",
  "secrets/readMetadata/action": "Key Vault Reader or Key Vault Secrets User",
};

/** Azure's refusal as one of ours, by status and code. `name`: the object that was asked for, if any. */
export function refusal(reply: Reply, vault: Vault, name?: string): UscError {
  const body = parseJson(Body, reply.body)?.error;
  const inner = body?.innererror?.code;
  const [code, sentence, hint] = told(reply, { code: body?.code ?? "", inner, message: body?.message ?? "" }, vault, name);
  const after = retryAfterMs({ reply });
  return new UscError(code, sentence, { hint, requestId: requestIdOf(reply), retryAfter: after === undefined ? undefined : after / 1000 });
}

type Told = [code: UscError["code"], sentence: string, hint?: string];

function told(
  reply: Reply,
  error: { code: string; inner: string | undefined; message: string },
  vault: Vault,
  name: string | undefined,
): Told {
  const what = name === undefined ? "the secrets" : `the secret ${name}`;
  const { status } = reply;
  if (status === 401) {
    return [
      "unauthenticated",
      `${vault.url} refused the token of the target ${vault.target.name}.`,
      "Check that the vault's tenant is the target's.",
    ];
  }
  if (status === 403) return forbidden(error, vault, what);
  if (status === 404 && error.code.endsWith("NotFound"))
    return ["not_found", `There is no ${what.slice(4)} in ${vault.url}.`, "`usc list` shows what there is."];
  if (status === 409 && error.inner === "ObjectIsDeletedButRecoverable") {
    return ["conflict", `The name ${name} is held by a soft-deleted secret.`, "`usc delete --force-delete` purges it and frees the name."];
  }
  if (status === 409) return ["conflict", `Key Vault is still working on ${what}.`, "Repeat the command in some seconds."];
  if (status === 429) return ["unavailable", `${vault.url} is throttling.`, "Repeat the command later, or send fewer requests."];
  if (status === 400) return ["usage", `Key Vault did not accept the request for ${what} (${plain(error.code)}).`];
  if (status >= 300 && status < 400)
    return ["unavailable", `${vault.url} answered with a redirect, which is not followed.`, "Check the vault's address."];
  return ["unavailable", `${vault.url} is not available at the moment (HTTP ${status}).`, "Repeat the command later."];
}

function forbidden({ inner, message }: { inner: string | undefined; message: string }, vault: Vault, what: string): Told {
  if (inner === "SecretDisabled") return ["forbidden", `${upper(what)} is disabled.`, "Enable it in Key Vault to read it."];
  if (inner === "SecretManagedByKeyVault") return ["forbidden", `${upper(what)} belongs to a certificate, and Key Vault alone changes it.`];
  if (inner === "ForbiddenByFirewall")
    return ["forbidden", `The firewall of ${vault.url} refuses this address.`, "Allow the address in the vault's networking settings."];
  if (inner === "ForbiddenByConnection")
    return ["forbidden", `${vault.url} takes private connections only.`, "Run usc where its private endpoint can be reached."];
  if (/purge protection is enabled/.test(message))
    return ["conflict", `${upper(what)} stays soft-deleted: the vault has purge protection.`];
  const action = /Action: 'Microsoft\.KeyVault\/vaults\/([A-Za-z/]+)'/.exec(message)?.[1];
  const caller = /oid=([0-9a-f-]{36})/i.exec(message)?.[1];
  if (action !== undefined) {
    return [
      "forbidden",
      `The target ${vault.target.name} may not do ${action} in ${vault.url}.`,
      `Assign the role ${roles[action] ?? "Key Vault Secrets Officer"} at the vault to object id ${caller ?? "of the target"}; it takes some minutes to take effect.`,
    ];
  }
  return [
    "forbidden",
    `${vault.url} refused the target ${vault.target.name} the access to ${what}.`,
    `Give it a role or an access policy${caller === undefined ? "" : ` (object id ${caller})`}.`,
  ];
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const plain = (code: string): string => (/^[\w ]{1,60}$/.test(code) ? code : "no code");
