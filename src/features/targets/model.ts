import * as z from "zod/mini";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   cloud   a set of Azure hosts and audiences that belong together: AzureCloud, AzureUSGovernment, AzureChinaCloud, or one registered by the user
 *   target  a stored Azure identity: as whom, in which cloud and tenant
 */
export const Cloud = z.object({
  name: z.string(),
  /** `https://host[:port]`, no path. */
  "authority-host": z.string(),
  /** What follows `NAME.` in a vault's host; may hold a port: `vault.azure.net`, `vault.localhost:8443`. */
  "key-vault-suffix": z.string(),
  /** The resource a vault's token is for, without a trailing slash. */
  "key-vault-audience": z.string(),
  "graph-endpoint": z.string(),
  "arm-endpoint": z.string(),
  /** PEM text of the extra trusted CAs: read at registration, so that a moved file does not change whom we trust. */
  "ca-pem": z.optional(z.string()),
  /** The control URL of a local Azure: set by `emulator start`, and never by hand. */
  control: z.optional(z.string()),
  "created-at": z.optional(z.string()),
});
export type Cloud = z.infer<typeof Cloud>;

export const Target = z.object({
  id: z.int(),
  name: z.string(),
  "tenant-id": z.string(),
  "client-id": z.string(),
  "client-secret": z.string(),
  "azure-cloud": z.string(),
  /** The hosts that the secret was given for (`originOf`): sealed with it, so that an edited cloud cannot lead it elsewhere. */
  origin: z.string(),
  "subscription-id": z.optional(z.string()),
  "resource-group-name": z.optional(z.string()),
  "resource-name": z.optional(z.string()),
  description: z.optional(z.string()),
  tags: z.array(z.string()),
  "delete-protection": z.boolean(),
  "created-at": z.string(),
  "modified-at": z.string(),
});
export type Target = z.infer<typeof Target>;

/** Keyed by cloud name as typed. */
export const clouds: RecordKind<Cloud> = { name: "clouds", noun: "cloud", schema: Cloud };

/** Keyed by path. */
export const targets: RecordKind<Target> = { name: "targets", noun: "target", schema: Target, sealed: ["client-secret", "origin"] };
