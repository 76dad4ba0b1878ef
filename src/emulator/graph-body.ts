import { gunzipSync } from "node:zlib";
import { bodyLimit } from "./asking.ts";
import { graphErrors } from "./graph-errors.ts";
import type { Ask } from "./room.ts";

export type Body = Readonly<Record<string, unknown>>;

/** The members of a JSON body, without OData's own: kiota clients write `@odata.type` and compress. Empty without a body. */
export async function readGraphBody(ask: Ask): Promise<Body> {
  const bytes = await ask.readBody();
  if (bytes.length === 0) return {};
  const plain = ask.header("content-encoding")?.toLowerCase() === "gzip" ? unzipped(bytes) : bytes;
  return readJson(plain.toString());
}

function unzipped(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: bodyLimit });
  } catch (error) {
    const isBomb = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    throw isBomb ? graphErrors.tooLarge() : graphErrors.notJson();
  }
}

function readJson(text: string): Body {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw graphErrors.notJson();
  }
  const body = membersOf(value);
  if (body === undefined) throw graphErrors.notJson();
  return body;
}

/** Undefined is no object. */
export function membersOf(value: unknown): Body | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name === "@odata.id" || !name.includes("@odata.")));
}

/** Null says the same as leaving it out. */
export function textIn(body: Body, property: string, resource: string): string | undefined {
  const value = body[property] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw graphErrors.badValue(property, resource);
}

export function flagIn(body: Body, property: string, resource: string): boolean | undefined {
  const value = body[property] ?? undefined;
  if (value === undefined || typeof value === "boolean") return value;
  throw graphErrors.badValue(property, resource);
}

/** Epoch milliseconds. */
export function timeIn(body: Body, property: string, resource: string): number | undefined {
  const text = textIn(body, property, resource);
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw graphErrors.badValue(property, resource);
  return at;
}

/** `2026-06-01T12:00:00Z`, with seven digits where there is a fraction. */
export function graphTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.(\d{3})Z$/, (_, digits: string) => (digits === "000" ? "Z" : `.${digits}0000Z`));
}
