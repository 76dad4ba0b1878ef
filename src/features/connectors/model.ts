import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   connector  a universal secrets connector (USC): one vault, reached through one target
 *   item       what the folder tree holds; a connector is the first kind of it
 */
export const Connector = once(() => {
  const text = z.string();
  return z.object({
    id: z.int(),
    name: text,
    "target-name": text,
    /** `https://host[:port]`. Not secret, but sealed: an edited address would lead a token elsewhere. */
    "vault-url": text,
    "vault-name": text,
    description: z.optional(text),
    tags: z.array(text),
    /** Put on every object created through this connector. */
    "usc-tags": z.record(text, text),
    /** By names of the user's own. */
    "item-custom-fields": z.optional(z.record(text, text)),
    "delete-protection": z.boolean(),
    /** Deleting an object purges it as well. */
    "enable-purge": z.optional(z.boolean()),
    "created-at": text,
    "modified-at": text,
  });
});
export type Connector = z.infer<ReturnType<typeof Connector>>;

/** Keyed by path. */
export const connectors: RecordKind<Connector> = { name: "connectors", noun: "connector", schema: Connector, sealed: ["vault-url"] };

/** Tag that says of one value how it is stored: `base64`, as `az` marks it. It is no tag for all objects. */
export const markTag = "file-encoding";

/** As every item shows them. */
export const customFieldsView = (fields: Readonly<Record<string, string>> = {}) =>
  Object.entries(fields).map(([name, value]) => ({ name, value }));
