import type { Deleted, Noun, ObjectProperties, Page, PageOptions, Secret, SecretProperties, Vault } from "../../features/objects/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { Bundle, DeletedPage, DeletedSecret, parseJson, Properties, type Reader, SecretsPage } from "./answers.ts";
import { isDisabling, refusal, refusalCodes } from "./errors.ts";
import { call, type Session } from "./session.ts";
import { requestIdOf, type Reply } from "./transport.ts";
import { formatOrigin, parseOrigin } from "./vault-url.ts";

export const serviceVersion = "7.4";
const apiVersion = `api-version=${serviceVersion}`;
const maxPages = 100_000;

/** A kind of object as it is on the wire. Its schemas are made on demand. */
export interface Wire<Item extends ObjectProperties = ObjectProperties, Whole extends Item = Item> {
  noun: Noun;
  path: "/secrets" | "/certificates";
  deletedPath: "/deletedsecrets" | "/deletedcertificates";
  /** Key Vault's code for one that is not there. */
  absent: "SecretNotFound" | "CertificateNotFound";
  Row: Reader<Item>;
  Whole: Reader<Whole>;
  Deleted: Reader<Deleted<Item>>;
  Page: Reader<WirePage<Item>>;
  DeletedPage: Reader<WirePage<Deleted<Item>>>;
  /** What is known of one that Azure says is there, and shows nothing of. */
  unseen: (bare: ObjectProperties) => Item;
}

interface WirePage<Item> {
  value: Item[];
  nextLink?: string | null | undefined;
}

export const secrets: Wire<SecretProperties, Secret> = {
  noun: "secret",
  path: "/secrets",
  deletedPath: "/deletedsecrets",
  absent: "SecretNotFound",
  Row: Properties,
  Whole: Bundle,
  Deleted: DeletedSecret,
  Page: SecretsPage,
  DeletedPage: DeletedPage,
  unseen: (bare) => ({ ...bare, managed: false }),
};

export async function getObject<Item extends ObjectProperties, Whole extends Item>(
  session: Session,
  vault: Vault,
  wire: Wire<Item, Whole>,
  name: string,
  version?: string,
): Promise<Whole> {
  const path = `${wire.path}/${name}${version === undefined ? "" : `/${version}`}?${apiVersion}`;
  const reply = await call(session, vault, { method: "GET", path, meanwhile: wire.Whole });
  if (reply.status !== 200) throw refusal(reply, vault, name, wire.noun, version);
  return answered(wire.Whole, reply, vault);
}

export async function getDeleted<Item extends ObjectProperties>(
  session: Session,
  vault: Vault,
  wire: Wire<Item>,
  name: string,
): Promise<Deleted<Item> | undefined> {
  const reply = await call(session, vault, { method: "GET", path: `${wire.deletedPath}/${name}?${apiVersion}` });
  if (reply.status === 200) return answered(wire.Deleted, reply, vault);
  const { code, inner } = refusalCodes(reply);
  if (reply.status === 404 && code === wire.absent) return undefined;
  // Azure refuses to show a deleted object that was disabled, and says by that that it is there.
  if (isDisabling(inner)) return wire.unseen({ id: `${vault.url}${wire.path}/${name}`, name, enabled: false, tags: {} });
  throw refusal(reply, vault, name, wire.noun);
}

export const listPages = <Item extends ObjectProperties>(session: Session, vault: Vault, wire: Wire<Item>, options?: PageOptions) =>
  follow(session, vault, wire.noun, wire.path, wire.Page, options);

export const listVersions = <Item extends ObjectProperties>(session: Session, vault: Vault, wire: Wire<Item>, name: string) =>
  follow(session, vault, wire.noun, `${wire.path}/${name}/versions`, wire.Page);

export const listDeleted = <Item extends ObjectProperties>(session: Session, vault: Vault, wire: Wire<Item>, options?: PageOptions) =>
  follow(session, vault, wire.noun, wire.deletedPath, wire.DeletedPage, options);

/** Follows Azure's links, empty pages included, and only within that list of the vault. */
async function* follow<Item>(
  session: Session,
  vault: Vault,
  noun: Noun,
  list: string,
  schema: Reader<WirePage<Item>>,
  { size, token }: PageOptions = {},
): AsyncGenerator<Page<Item>> {
  let path = token === undefined ? `${list}?${apiVersion}${size === undefined ? "" : `&maxresults=${size}`}` : tokenPath(list, token);
  const seen = new Set<string>();
  for (let pages = 0; pages < maxPages; pages += 1) {
    seen.add(path);
    const reply = await call(session, vault, { method: "GET", path, meanwhile: schema });
    if (reply.status !== 200) throw refusal(reply, vault, undefined, noun);
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
export function answered<T>(schema: Reader<T>, reply: Reply, vault: Vault): T {
  const parsed = parseJson(schema(), reply.body);
  if (parsed === undefined) {
    throw new UscError("unavailable", `${vault.url} answered something that is not Key Vault's.`, { requestId: requestIdOf(reply) });
  }
  return parsed;
}
