import * as z from "zod/mini";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   connector  a universal secrets connector (USC): one vault, reached through one target
 *   item       what the folder tree holds; a connector is the first kind of it
 */
export const Connector = z.object({
  id: z.int(),
  name: z.string(),
  "target-name": z.string(),
  /** `https://host[:port]`. Not secret, but sealed: an edited address would lead a token elsewhere. */
  "vault-url": z.string(),
  "vault-name": z.string(),
  description: z.optional(z.string()),
  tags: z.array(z.string()),
  /** Put on every object created through this connector. */
  "usc-tags": z.record(z.string(), z.string()),
  "delete-protection": z.boolean(),
  "created-at": z.string(),
  "modified-at": z.string(),
});
export type Connector = z.infer<typeof Connector>;

/** Keyed by path. */
export const connectors: RecordKind<Connector> = { name: "connectors", noun: "connector", schema: Connector, sealed: ["vault-url"] };
