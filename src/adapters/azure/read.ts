import type * as z from "zod/mini";
import type { DeletedSecret, Page, Secret, Vault } from "../../features/objects/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { Bundle, Deleted, parseJson, SecretsPage } from "./answers.ts";
import { refusal, refusalCodes } from "./errors.ts";
import { call, type Session } from "./session.ts";
import { requestIdOf, type Reply } from "./transport.ts";
import { formatOrigin, parseOrigin } from "./vault-url.ts";

export const serviceVersion = "7.4";
const apiVersion = `api-version=${serviceVersion}`;
const maxPages = 100_000;

export async function getSecret(session: Session, vault: Vault, name: string, version?: string): Promise<Secret> {
  const path = `/secrets/${name}${version === undefined ? "" : `/${version}`}?${apiVersion}`;
  const reply = await call(session, vault, { method: "GET", path, meanwhile: Bundle });
  if (reply.status !== 200) throw refusal(reply, vault, name);
  return answered(Bundle, reply, vault);
}

export async function getDeleted(session: Session, vault: Vault, name: string): Promise<DeletedSecret | undefined> {
  const reply = await call(session, vault, { method: "GET", path: `/deletedsecrets/${name}?${apiVersion}` });
  if (reply.status === 200) return answered(Deleted, reply, vault);
  const { code, inner } = refusalCodes(reply);
  if (reply.status === 404 && code === "SecretNotFound") return undefined;
  // Azure refuses to show a deleted object that was disabled, and says by that that it is there.
  if (inner === "SecretDisabled") return { id: `${vault.url}/secrets/${name}`, name, enabled: false, tags: {}, managed: false };
  throw refusal(reply, vault, name);
}

/** Follows Azure's links, empty pages included, and only within the vault. */
export async function* listPages(
  session: Session,
  vault: Vault,
  { size, token }: { size?: number | undefined; token?: string | undefined } = {},
): AsyncGenerator<Page> {
  let path = token === undefined ? `/secrets?${apiVersion}${size === undefined ? "" : `&maxresults=${size}`}` : tokenPath(token);
  const seen = new Set<string>();
  for (let pages = 0; pages < maxPages; pages += 1) {
    seen.add(path);
    const reply = await call(session, vault, { method: "GET", path, meanwhile: SecretsPage });
    if (reply.status !== 200) throw refusal(reply, vault);
    const page = answered(SecretsPage, reply, vault);
    const next = page.nextLink ? linkPath(vault, page.nextLink) : undefined;
    yield { items: page.value, ...(next === undefined ? {} : { next: Buffer.from(next).toString("base64url") }) };
    if (next === undefined) return;
    if (seen.has(next)) break;
    path = next;
  }
  throw new UscError("unavailable", `The list of ${vault.url} does not end.`);
}

// The token is the caller's: it may name a page of this list, and nothing else of the vault.
function tokenPath(token: string): string {
  const path = Buffer.from(token, "base64url").toString();
  if (!/^\/secrets\?[!-~]{1,4000}$/.test(path)) {
    throw new UscError("usage", "--page-token is not valid: it is no `next_token` of a list.", {
      hint: "Leave it out to begin at the first page.",
    });
  }
  return path;
}

function linkPath(vault: Vault, link: string): string {
  const [, origin = "", path = ""] = /^(https:\/\/[^/?#]+)(\/secrets\?[!-~]+)$/.exec(link) ?? [];
  const asked = parseOrigin(origin);
  const own = parseOrigin(vault.url);
  if (asked === undefined || own === undefined || formatOrigin(asked) !== formatOrigin(own)) {
    const host = /^[a-z]+:\/\/([\w.:-]{1,200})/i.exec(link)?.[1] ?? "another place";
    throw new UscError("unavailable", `The list of ${vault.url} goes on at ${host}, which is not the vault; it was not followed.`);
  }
  return path;
}

/** The parsed answer; anything else with a 200 is no Key Vault. */
export function answered<S extends z.ZodMiniType>(schema: () => S, reply: Reply, vault: Vault): z.output<S> {
  const parsed = parseJson(schema(), reply.body);
  if (parsed === undefined) {
    throw new UscError("unavailable", `${vault.url} answered something that is not Key Vault's.`, { requestId: requestIdOf(reply) });
  }
  return parsed;
}
