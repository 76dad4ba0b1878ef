import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import type { RecordKind } from "../../kernel/store.ts";

// Shared, since each schema costs a fortieth of a millisecond.
const words = once(() => {
  const text = z.string();
  return { text, maybe: z.optional(text) };
});

/**
 * Terminology
 *   cloud   a set of Azure hosts and audiences that belong together: AzureCloud, AzureUSGovernment, AzureChinaCloud, or one registered by the user
 *   target  a stored Azure identity: as whom, in which cloud and tenant
 *   connection type  how a target proves who it is; each has fields of its own
 */
export const Cloud = once(() => {
  const { text, maybe } = words();
  return z.object({
    name: text,
    /** `https://host[:port]`, no path. */
    "authority-host": text,
    /** What follows `NAME.` in a vault's host; may hold a port: `vault.azure.net`, `vault.localhost:8443`. */
    "key-vault-suffix": text,
    /** The resource a vault's token is for, without a trailing slash. */
    "key-vault-audience": text,
    "graph-endpoint": text,
    "arm-endpoint": text,
    /** The resource that a token for `arm-endpoint` is for; see `armAudienceOf`. */
    "arm-audience": maybe,
    /** PEM text of the extra trusted CAs: read at registration, so that a moved file does not change whom we trust. */
    "ca-pem": maybe,
    /** The control URL of a local Azure: set by `emulator start`, and never by hand. */
    control: maybe,
    "created-at": maybe,
  });
});
export type Cloud = z.infer<ReturnType<typeof Cloud>>;

/** Stored under these names; `cloud-identity` is Akeyless' word for `managed-identity`. */
export const connectionTypes = ["credentials", "certificate", "workload-identity", "managed-identity", "azure-cli", "environment"] as const;
export type ConnectionType = (typeof connectionTypes)[number];

export const Target = once(() => {
  const { text, maybe } = words();
  return z.object({
    id: z.int(),
    name: text,
    /** Absent: `credentials`, of which alone an earlier usc knew. */
    "connection-type": z.optional(z.enum(connectionTypes)),
    "tenant-id": maybe,
    "client-id": maybe,
    "client-secret": maybe,
    /** PEM text: the leaf, its chain, and the private key as PKCS#8. */
    "client-certificate": maybe,
    "send-certificate-chain": z.optional(z.boolean()),
    /** Absolute path. Not secret, but sealed: an edited one would send another file to the login. */
    "federated-token-file": maybe,
    "managed-identity-client-id": maybe,
    "managed-identity-object-id": maybe,
    "managed-identity-resource-id": maybe,
    "azure-cloud": text,
    /** The hosts that the target was stored for (`originOf`): sealed, so that an edited cloud cannot lead its secret or its tokens elsewhere. */
    origin: text,
    "subscription-id": maybe,
    "resource-group-name": maybe,
    "resource-name": maybe,
    description: maybe,
    tags: z.array(text),
    "delete-protection": z.boolean(),
    "created-at": text,
    "modified-at": text,
  });
});
export type Target = z.infer<ReturnType<typeof Target>>;

/** Keyed by cloud name as typed. */
export const clouds: RecordKind<Cloud> = { name: "clouds", noun: "cloud", schema: Cloud };

/** Keyed by path. */
export const targets: RecordKind<Target> = {
  name: "targets",
  noun: "target",
  schema: Target,
  sealed: ["client-secret", "client-certificate", "federated-token-file", "origin"],
};

export const connectionTypeOf = (target: Pick<Target, "connection-type">): ConnectionType => target["connection-type"] ?? "credentials";
