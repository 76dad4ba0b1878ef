import * as z from "zod/mini";
import type { Deleted, ObjectProperties, Secret, SecretProperties } from "../../features/objects/port.ts";
import { isRecord } from "../../kernel/is-record.ts";
import { once } from "../../kernel/once.ts";

// From the year 1 to the end of the year 9999: before and past it there is no date to print. Other clients have written dates before 1970.
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

// Schemas are made while the handshake is under way, or not at all.
const seconds = once(() => z.optional(z.number().check(z.minimum(firstSecond), z.maximum(lastSecond))));
/** What every object has on the wire. */
export const face = once(() => {
  const [text, yes, time] = [z.string(), z.optional(z.boolean()), seconds()];
  return {
    id: text,
    attributes: z.optional(z.object({ enabled: yes, created: time, updated: time, exp: time, nbf: time })),
    tags: z.optional(z.record(text, text)),
  };
});
type Face = z.infer<z.ZodMiniObject<ReturnType<typeof face>>>;
const item = once(() => ({ ...face(), contentType: z.optional(z.string()), managed: z.optional(z.boolean()) }));
type Row = z.infer<z.ZodMiniObject<ReturnType<typeof item>>>;

/** What a deleted object has beside. */
export const deletion = once(() => ({ deletedDate: seconds(), scheduledPurgeDate: seconds() }));

export const deletionOf = ({
  deletedDate,
  scheduledPurgeDate,
}: {
  deletedDate?: number | undefined;
  scheduledPurgeDate?: number | undefined;
}) => ({
  ...(deletedDate === undefined ? {} : { deleted: deletedDate * 1000 }),
  ...(scheduledPurgeDate === undefined ? {} : { scheduledPurge: scheduledPurgeDate * 1000 }),
});

/** What a document is parsed by: a schema, or what looks before it. */
export type Reader<T> = () => { safeParse: (document: unknown) => { success: true; data: T } | { success: false } };

/** Zod is asked only about a document that `glance` makes nothing of. */
const afterGlance = <T>(glance: (document: unknown) => T | undefined, schema: Reader<T>): Reader<T> =>
  once(() => ({
    safeParse(document) {
      const data = glance(document);
      return data === undefined ? schema().safeParse(document) : { success: true, data };
    },
  }));

/** A secret without its value: the answer to a set, and a row of a list. */
export const Properties = once(() => z.pipe(z.object(item()), z.transform(propertiesOf)));
export const Bundle = afterGlance(
  (document): Secret | undefined => {
    if (!isRow(document) || !("value" in document) || typeof document.value !== "string") return undefined;
    const [properties] = allProperties([document]) ?? [];
    return properties && { ...properties, value: document.value };
  },
  once(() =>
    z.pipe(
      z.object({ ...item(), value: z.string() }),
      z.transform((raw, context): Secret => ({ ...propertiesOf(raw, context), value: raw.value })),
    ),
  ),
);
export const DeletedSecret = once(() =>
  z.pipe(
    z.object({ ...item(), ...deletion() }),
    z.transform((raw, context): Deleted<SecretProperties> => ({ ...propertiesOf(raw, context), ...deletionOf(raw) })),
  ),
);
/** A page's rows are looked at by hand: as 2,000 Zod objects they cost a third of the whole list. */
export const SecretsPage = afterGlance(
  (document): WirePage | undefined => {
    if (!isRecord(document) || !Array.isArray(document["value"]) || !document["value"].every(isRow)) return undefined;
    const { nextLink } = document;
    const value = allProperties(document["value"]);
    return value && (typeof nextLink === "string" || nextLink === undefined || nextLink === null) ? { value, nextLink } : undefined;
  },
  once(() => z.object({ value: z.array(Properties()), nextLink: z.optional(z.nullable(z.string())) })),
);

interface WirePage {
  value: SecretProperties[];
  nextLink?: string | null | undefined;
}

/** Undefined if one of them has an id that is no secret's. */
function allProperties(rows: readonly Row[]): SecretProperties[] | undefined {
  const context = { issues: [] };
  const properties = rows.map((row) => propertiesOf(row, context));
  return context.issues.length === 0 ? properties : undefined;
}

export const DeletedPage = once(() => z.object({ value: z.array(DeletedSecret()), nextLink: z.optional(z.nullable(z.string())) }));

/** Says of a row what `Item` would. */
export function isRow(row: unknown): row is Row {
  if (!isRecord(row) || typeof row["id"] !== "string") return false;
  const { contentType, managed, tags, attributes } = row;
  if (contentType !== undefined && typeof contentType !== "string") return false;
  if (managed !== undefined && typeof managed !== "boolean") return false;
  if (tags !== undefined && !(isRecord(tags) && Object.values(tags).every((tag) => typeof tag === "string"))) return false;
  if (attributes === undefined) return true;
  if (!isRecord(attributes)) return false;
  const { enabled, created, updated, exp, nbf } = attributes;
  return (
    (enabled === undefined || typeof enabled === "boolean") && isSeconds(created) && isSeconds(updated) && isSeconds(exp) && isSeconds(nbf)
  );
}

function isSeconds(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && value >= firstSecond && value <= lastSecond);
}

const secretId = /^https:\/\/[^/]+\/(?:deleted)?secrets\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-fA-F]{32}))?$/;

function propertiesOf(raw: Row, context: Pick<z.core.ParsePayload, "issues">): SecretProperties {
  const secret: SecretProperties = Object.assign(faceOf(raw, secretId, context), { managed: raw.managed ?? false });
  if (raw.contentType !== undefined) secret.contentType = raw.contentType;
  return secret;
}

/** What every object shows of itself. `idPattern` finds its name and version in its id. */
export function faceOf(raw: Face, idPattern: RegExp, context: Pick<z.core.ParsePayload, "issues">): ObjectProperties {
  const found = idPattern.exec(raw.id);
  const name = found?.[1];
  const version = found?.[2];
  const { attributes } = raw;
  if (name === undefined) context.issues.push({ code: "custom", message: "not an object's id", input: raw.id });
  const object: ObjectProperties = { id: raw.id, name: name ?? "", enabled: attributes?.enabled ?? true, tags: raw.tags ?? {} };
  if (version !== undefined) object.version = version.toLowerCase();
  if (attributes?.created !== undefined) object.created = attributes.created * 1000;
  if (attributes?.updated !== undefined) object.updated = attributes.updated * 1000;
  if (attributes?.exp !== undefined) object.expires = attributes.exp * 1000;
  if (attributes?.nbf !== undefined) object.notBefore = attributes.nbf * 1000;
  return object;
}

/** The parsed document, or undefined when it is not JSON or not of this shape. Zod's and the parser's errors quote what they read, so they end here. */
export function parseJson<T>(reader: ReturnType<Reader<T>>, text: string): T | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = reader.safeParse(document);
  return parsed.success ? parsed.data : undefined;
}
