import type * as z from "zod/mini";
import type { DeletedSecret, Page, PageOptions, Secret, Vault } from "../../features/objects/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { Bundle, Deleted, DeletedPage, parseJson, SecretsPage } from "./answers.ts";
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

export const listPages = (session: Session, vault: Vault, options?: PageOptions) =>
  follow(session, vault, "/secrets", SecretsPage, options);

export const listVersions = (session: Session, vault: Vault, name: string) =>
  follow(session, vault, `/secrets/${name}/versions`, SecretsPage);

export const listDeleted = (session: Session, vault: Vault, options?: PageOptions) =>
  follow(session, vault, "/deletedsecrets", DeletedPage, options);

/** Follows Azure's links, empty pages included, and only within that list of the vault. */
async function* follow<Item>(
  session: Session,
  vault: Vault,
  list: string,
  schema: () => z.ZodMiniType<{ value: Item[]; nextLink?: string | null | undefined }>,
  { size, token }: PageOptions = {},
): AsyncGenerator<Page<Item>> {
  let path = token === undefined ? `${list}?${apiVersion}${size === undefined ? "" : `&maxresults=${size}`}` : tokenPath(list, token);
  const seen = new Set<string>();
  for (let pages = 0; pages < maxPages; pages += 1) {
    seen.add(path);
    const reply = await call(session, vault, { method: "GET", path, meanwhile: schema });
    if (reply.status !== 200) throw refusal(reply, vault);
    const page = answered(schema, reply, vault);
    const next = page.nextLink ? linkPath(vault, list, page.nextLink) : undefined;
    yield { items: page.value, ...(next === undefined ? {} : { next: Buffer.from(next).toString("base64url") }) };
    if (next === undefined) return;
    if (seen.has(next)) break;
    path = next;
  }
  throw new UscError("unavailable", `The list of ${vault.url} does not end.`);
}

// The token is the caller's: it may name a page of this list, and nothing else of the vault.
function tokenPath(list: string, token: string): string {
  const path = Buffer.from(token, "base64url").toString();
  if (!path.startsWith(`${list}?`) || !/^[!-~]{1,4000}$/.test(path)) {
    throw new UscError("usage", "--page-token is not valid: it is no `next_token` of a list.", {
      hint: "Leave it out to begin at the first page.",
    });
  }
  return path;
}

function linkPath(vault: Vault, list: string, link: string): string {
  const [, origin = "", path = ""] = /^(https:\/\/[^/?#]+)(\/[!-~]+)$/.exec(link) ?? [];
  const asked = parseOrigin(origin);
  const own = parseOrigin(vault.url);
  if (
    asked === undefined ||
    own === undefined ||
    formatOrigin(asked) !== formatOrigin(own) ||
    !path.toLowerCase().startsWith(`${list.toLowerCase()}?`)
  ) {
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
