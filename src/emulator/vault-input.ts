import { vaultErrors } from "./vault-errors.ts";
import type { SecretContent } from "./vault-state.ts";

export const nameShape = /^[0-9a-zA-Z-]{1,127}$/;

const maxValue = 25_600;
const maxContentType = 255;
const maxTags = 15;
const maxTag = 256;

export type Change = Partial<Omit<SecretContent, "value">>;

export function parseBody(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw vaultErrors.badParameter("The request body is not valid JSON.");
  }
  const object = asObject(value);
  if (object === undefined) throw vaultErrors.badParameter("The request body must be a JSON object.");
  return object;
}

export function readContent(body: Record<string, unknown>): SecretContent {
  const { value } = body;
  if (typeof value !== "string") throw vaultErrors.badParameter("Property value is missing or not a string.");
  if (value.length > maxValue) throw vaultErrors.valueTooLong();
  return { enabled: true, ...readChange(body), value };
}

/** What a PATCH may change. Unknown members are passed over, as the service does; null is as good as absent. */
export function readChange(body: Record<string, unknown>): Change {
  const change: Change = {};
  const contentType = body["contentType"] ?? undefined;
  if (contentType !== undefined) {
    if (typeof contentType !== "string" || contentType.length > maxContentType) {
      throw vaultErrors.badParameter(`Property contentType must be a string of at most ${maxContentType} characters.`);
    }
    change.contentType = contentType;
  }
  const tags = body["tags"] ?? undefined;
  if (tags !== undefined) change.tags = readTags(tags);
  const attributes = body["attributes"] ?? undefined;
  return attributes === undefined ? change : { ...change, ...readAttributes(attributes) };
}

function readTags(given: unknown): Record<string, string> {
  const object = asObject(given);
  if (object === undefined) throw vaultErrors.badParameter("Property tags must be an object.");
  const tags = Object.entries(object);
  if (tags.length > maxTags) throw vaultErrors.badParameter(`The maximum number of tags is ${maxTags}.`);
  const read: [string, string][] = [];
  for (const [name, value] of tags) {
    if (typeof value !== "string" || name.length > maxTag || value.length > maxTag) {
      throw vaultErrors.badParameter(`The name and the value of a tag must be strings of at most ${maxTag} characters.`);
    }
    read.push([name, value]);
  }
  return Object.fromEntries(read);
}

function readAttributes(given: unknown): Change {
  const object = asObject(given);
  if (object === undefined) throw vaultErrors.badParameter("Property attributes must be an object.");
  const change: Change = {};
  const enabled = object["enabled"] ?? undefined;
  if (enabled !== undefined) {
    if (typeof enabled !== "boolean") throw vaultErrors.badParameter("Property enabled must be true or false.");
    change.enabled = enabled;
  }
  for (const name of ["nbf", "exp"] as const) {
    const time = object[name] ?? undefined;
    if (time === undefined) continue;
    if (typeof time !== "number" || !Number.isSafeInteger(time)) throw vaultErrors.badParameter(`Property ${name} must be an integer.`);
    change[name] = time;
  }
  return change;
}

export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
