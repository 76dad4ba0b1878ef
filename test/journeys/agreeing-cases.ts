import type { EmulatorReady } from "../../src/emulator/index.ts";
import type { Code } from "../../src/kernel/errors.ts";

/** One of the machines that a case is tried on: each has a local Azure of its own, the target /t in it, and the connector /kv. */
export interface Machine {
  ready: EmulatorReady;
  vault: { name: string; url: string };
  /** Where a webhook is received. */
  receiver: string;
  /** What it answered to an operation the last time. */
  last: Record<string, Record<string, unknown>>;
}

export type Fields = Readonly<Record<string, string | number | boolean | readonly string[] | Readonly<Record<string, string>>>>;

export interface Case {
  operation: string;
  fields: Fields | ((machine: Machine) => Fields);
  ends: "ok" | Code;
  /** Typed on the machine itself, whose gateway would not take it from a caller. */
  onTheMachine?: true;
}

const ok = (operation: string, fields: Case["fields"] = {}): Case => ({ operation, fields, ends: "ok" });
const fails = (operation: string, ends: Code, fields: Case["fields"] = {}): Case => ({ operation, fields, ends });
const identity = ({ ready }: Machine): Fields => ({ "tenant-id": ready.tenant_id, "client-id": ready.client_id, "azure-cloud": "lab" });
const kv = { "usc-name": "kv" };
const cloud = {
  name: "far",
  "authority-host": "https://login.far.example",
  "key-vault-suffix": "vault.far.example",
  "graph-endpoint": "https://graph.far.example",
  "arm-endpoint": "https://arm.far.example",
};
const secret = (name: string, value: string, more: Fields = {}): Case => ok("create", { ...kv, "secret-name": name, value, ...more });
const noForwarder = { name: "none" };
const soon = (days: number): string => `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`;

const targets: Case[] = [
  ok("target create azure", (machine) => ({ ...identity(machine), name: "/a/one", "client-secret": "wrong", tag: ["x", "y"] })),
  fails("target create azure", "conflict", (machine) => ({ ...identity(machine), name: "/a/one", "client-secret": "other" })),
  fails("target create azure", "usage", { name: "/a/two" }),
  ok("target update azure", { name: "/a/one", description: "changed" }),
  fails("target update azure", "not_found", { name: "/a/none", description: "changed" }),
  ok("target get", { name: "a/one" }),
  fails("target get", "not_found", { name: "a/none" }),
  ok("target get-details", { name: "a/one" }),
  fails("target get-details", "usage", { name: "a/../one" }),
  ok("target list", { filter: "/a" }),
  ok("target test", { name: "t", "usc-name": "kv" }),
  fails("target test", "unauthenticated", { name: "/a/one" }),
  ok("fetch-vaults", { "target-name": "t" }),
  fails("fetch-vaults", "unauthenticated", { "target-name": "/a/one" }),
  fails("target delete", "conflict", { name: "t" }),
  ok("target delete", { name: "/a/one" }),
  ok("cloud register", cloud),
  fails("cloud register", "usage", { ...cloud, "authority-host": "http://login.far.example" }),
  ok("cloud list"),
  fails("cloud unregister", "conflict", { name: "lab" }),
  ok("cloud unregister", { name: "far" }),
];

const connectors: Case[] = [
  ok("create-usc", ({ vault }) => ({ name: "/p/kv", "target-to-associate": "t", "azure-kv-name": vault.name, "usc-tags": { by: "usc" } })),
  fails("create-usc", "not_found", { name: "/p/other", "target-to-associate": "none", "azure-kv-name": "vvv" }),
  ok("update-item", { name: "/p/kv", description: "mine", "add-tag": ["a", "b"], "rm-tag": "b", "item-custom-fields": { owner: "me" } }),
  fails("update-item", "not_found", { name: "/p/none", description: "mine" }),
  ok("describe-item", { name: "/p/kv" }),
  fails("describe-item", "not_found", { name: "/p/none" }),
  ok("list-items", { path: "/p" }),
  fails("list-items", "usage", { path: "a//b" }),
  ok("get-tags", { name: "/p/kv" }),
  fails("get-tags", "not_found", { name: "/p/none" }),
  ok("move-objects", { source: "/p/kv", target: "/q/kv" }),
  fails("move-objects", "not_found", { source: "/p/kv", target: "/q/kv" }),
  ok("delete-item", { name: "/q/kv" }),
  fails("delete-item", "not_found", { name: "/q/kv" }),
];

const objects: Case[] = [
  secret("one", '{"user":"u","n":1}', { tags: { team: "a" }, description: "d" }),
  secret("empty", ""),
  secret("bytes", "AP8K", { "binary-value": true }),
  fails("create", "conflict", { ...kv, "secret-name": "one", value: "again" }),
  fails("create", "usage", { ...kv, "secret-name": "bad name", value: "v" }),
  ok("get", { ...kv, "secret-id": "one" }),
  ok("get", { ...kv, "secret-id": "one#user" }),
  ok("get", { ...kv, "secret-id": "bytes", timeout: 20, "max-retries": "0" }),
  fails("get", "not_found", { ...kv, "secret-id": "none" }),
  fails("get", "not_found", { "usc-name": "/none", "secret-id": "one" }),
  fails("get", "usage", { ...kv, "secret-id": "one", timeout: 0 }),
  ok("update", { ...kv, "secret-id": "one", value: "v2", "remote-secret-expires": soon(3) }),
  fails("update", "not_found", { ...kv, "secret-id": "none", value: "v" }),
  ok("list", { ...kv, "page-size": 2 }),
  fails("list", "usage", { ...kv, "page-token": "none" }),
  ok("get-all", kv),
  fails("get-all", "usage", { ...kv, concurrency: 1000 }),
  ok("usc-resolve", { reference: "azurevault://kv/one" }),
  fails("usc-resolve", "usage", { reference: "one" }),
  ok("versions", { ...kv, "secret-id": "one" }),
  fails("versions", "not_found", { ...kv, "secret-id": "none" }),
  ok("copy-object", { ...kv, "secret-id": "one", "secret-name": "copy" }),
  fails("copy-object", "conflict", { ...kv, "secret-id": "bytes", "secret-name": "copy" }),
  ok("delete", { ...kv, "secret-id": "copy" }),
  fails("delete", "not_found", { ...kv, "secret-id": "copy" }),
  ok("list-deleted", kv),
  fails("list-deleted", "usage", { ...kv, limit: 0 }),
  ok("recover", { ...kv, "secret-id": "copy" }),
  fails("recover", "not_found", { ...kv, "secret-id": "none" }),
  ok("delete", { ...kv, "secret-id": "copy" }),
  ok("purge", { ...kv, "secret-id": "copy" }),
  fails("purge", "not_found", { ...kv, "secret-id": "copy" }),
  ok("create", { ...kv, "secret-name": "site", "object-type": "certificate", subject: "CN=site.example", "key-type": "EC-P256" }),
  ok("get", { ...kv, "secret-id": "site", "object-type": "certificate" }),
  fails("get", "not_found", { ...kv, "secret-id": "one", "object-type": "certificate" }),
  ok("validate", kv),
  fails("validate", "not_found", { "usc-name": "none" }),
  ok("test-connection", { ...kv, "read-only": true }),
  ok("test-connection", kv),
  ok("doctor", kv),
  fails("doctor", "not_found", { "usc-name": "none" }),
];

const key = { name: "/p/key" };
const statics = ["static-secret-sync", "static-secret-delete-sync"];
const rotation: Case[] = [
  ok("rotated-secret create azure", { ...key, "target-name": "t", "rotator-type": "api-key", "rotation-event-in": ["7"] }),
  fails("rotated-secret create azure", "conflict", { ...key, "target-name": "t", "rotator-type": "api-key" }),
  fails("rotated-secret create azure", "usage", { name: "/p/user", "target-name": "t", "rotator-type": "password" }),
  ok("rotated-secret update azure", { ...key, "auto-rotate": true, "rotation-interval": 30, "add-tag": "a" }),
  fails("rotated-secret update azure", "usage", { ...key, "rotation-interval": 366 }),
  fails("rotated-secret update azure", "unauthenticated", { ...key, "api-id": crypto.randomUUID(), "api-key": "wrong" }),
  ok("rotated-secret get-value", { ...key, version: 1 }),
  fails("rotated-secret get-value", "not_found", { ...key, version: 9 }),
  ok("rotated-secret list", { filter: "key" }),
  ok("describe-item", key),
  ok("rotate-secret", key),
  fails("rotate-secret", "not_found", { name: "/p/none" }),
  fails("delete-item", "conflict", key),
  ok("rotated-secret sync", { ...key, ...kv, "remote-secret-name": "mine", "delete-remote": true }),
  fails("rotated-secret sync", "usage", { ...key, ...kv, "filter-secret-value": "password" }),
  ok("rotated-secret sync", key),
  fails("rotated-secret delete", "conflict", key),
  ok("rotated-secret delete-sync", { ...key, ...kv }),
  fails("rotated-secret delete-sync", "not_found", { ...key, ...kv }),
  ...statics.map((name) => fails(name, "unsupported", { name: "/p/static" })),
  ok("rotated-secret delete", key),
  fails("rotated-secret delete", "not_found", key),
];

/** The target's secret is wrong from here on: what the vault's side refuses is not what a gateway refuses its caller. */
const refused: Case[] = [
  ok("target create azure", (machine) => ({ ...identity(machine), name: "/w", "client-secret": "wrong" })),
  ok("create-usc", ({ vault }) => ({ name: "/w", "target-to-associate": "/w", "azure-kv-name": vault.name })),
  fails("get", "unauthenticated", { "usc-name": "w", "secret-id": "one" }),
  fails("test-connection", "unauthenticated", { "usc-name": "w" }),
  fails("validate", "unauthenticated", { "usc-name": "w" }),
  fails("doctor", "unauthenticated", { "usc-name": "w" }),
];

const transfer: Case[] = [
  fails("expiring", "changes", { ...kv, within: "30d" }),
  ok("expiring", { ...kv, within: "0d" }),
  fails("expiring", "usage", { ...kv, within: "soon" }),
  ok("export", { ...kv, format: "json", search: "one" }),
  ok("export", { ...kv, search: "bytes" }),
  fails("export", "not_found", { "usc-name": "none" }),
  fails("import", "changes", { ...kv, content: "new=1\n", "dry-run": true }),
  ok("import", { ...kv, content: "new=1\n" }),
  fails("import", "conflict", { ...kv, content: "new=2\n" }),
  ok("update", { ...kv, "secret-id": "empty", enabled: false }),
  fails("get", "forbidden", { ...kv, "secret-id": "empty" }),
  fails("import", "partial", { ...kv, content: "empty=2\nother=3\n", overwrite: true }),
];

const access: Case[] = [
  ok("create-auth-method-api-key", { name: "/ci", "jwt-ttl": 5 }),
  fails("create-auth-method-api-key", "conflict", { name: "/ci" }),
  ok("auth", ({ last }) => ({
    "access-id": String(last["create-auth-method-api-key"]?.["access_id"]),
    "access-key": String(last["create-auth-method-api-key"]?.["access_key"]),
  })),
  fails("auth", "gateway_unauthenticated", { "access-id": "p-none", "access-key": "wrong" }),
  ok("validate-token", ({ last }) => ({ token: String(last["auth"]?.["token"]) })),
  fails("validate-token", "usage", { token: "" }),
  ok("revoke-token", ({ last }) => ({ token: String(last["auth"]?.["token"]) })),
  fails("revoke-token", "usage", { token: "" }),
  ok("get-auth-method", { name: "ci" }),
  fails("get-auth-method", "not_found", { name: "/none" }),
  ok("list-auth-methods", { filter: "ci" }),
  ok("create-role", { name: "/r", description: "d" }),
  fails("create-role", "conflict", { name: "/r" }),
  ok("set-role-rule", { "role-name": "/r", path: "/p/*", capability: ["read", "list"] }),
  fails("set-role-rule", "usage", { "role-name": "/r", path: "/p/*", capability: ["everything"] }),
  ok("assoc-role-am", { "role-name": "/r", "am-name": "/ci" }),
  fails("assoc-role-am", "not_found", { "role-name": "/r", "am-name": "/none" }),
  ok("get-role", { name: "/r" }),
  fails("get-role", "not_found", { name: "/none" }),
  ok("list-roles", { filter: "/r" }),
  ok("delete-assoc", { "assoc-id": "/r /ci" }),
  fails("delete-assoc", "not_found", { "assoc-id": "/r /ci" }),
  ok("delete-role-rule", { "role-name": "/r", path: "/p/*" }),
  fails("delete-role-rule", "not_found", { "role-name": "/none", path: "/p/*" }),
  ok("update-role", { name: "/r", "new-name": "/s" }),
  fails("update-role", "not_found", { name: "/r", "new-name": "/s" }),
  ok("delete-role", { name: "/s" }),
  fails("delete-role", "not_found", { name: "/s" }),
  ok("delete-auth-method", { name: "/ci" }),
  fails("delete-auth-method", "not_found", { name: "/ci" }),
];

const kinds = ["email", "slack", "teams", "servicenow"];
const events: Case[] = [
  ok("event-forwarder create webhook", { name: "/hook", url: "https://hooks.example.com/usc", "event-types": ["secret-expired"] }),
  fails("event-forwarder create webhook", "usage", { name: "/other", url: "http://hooks.example.com/usc" }),
  ok("event-forwarder update webhook", { name: "/hook", description: "mine" }),
  fails("event-forwarder update webhook", "not_found", { name: "/none", description: "mine" }),
  ok("event-forwarder get", { name: "/hook" }),
  fails("event-forwarder get", "not_found", noForwarder),
  ok("event-forwarder list", { filter: "hook" }),
  ok("event-forwarder deliveries", { name: "/hook" }),
  fails("event-forwarder deliveries", "not_found", noForwarder),
  ok("event-forwarder redeliver", { name: "/hook" }),
  fails("event-forwarder redeliver", "not_found", noForwarder),
  {
    ...ok("event-forwarder create webhook", ({ receiver }) => ({ name: "/near", url: receiver, "allow-private": true })),
    onTheMachine: true,
  },
  ok("event-forwarder test", { name: "/near" }),
  fails("event-forwarder test", "not_found", noForwarder),
  ok("event-forwarder delete", { name: "/hook" }),
  fails("event-forwarder delete", "not_found", { name: "/hook" }),
  ...kinds.flatMap((kind) => ["create", "update"].map((verb) => fails(`event-forwarder ${verb} ${kind}`, "unsupported", { name: "/x" }))),
];

const upkeep: Case[] = [
  ok("duty list"),
  fails("duty list", "usage", { "audit-retention": "a while" }),
  ok("duty run", { name: "token-sweep" }),
  fails("duty run", "not_found", { name: "none" }),
  ok("audit list", { operation: "copy-object", limit: 2 }),
  fails("audit list", "usage", { since: "yesterday" }),
  ok("audit prune", { before: "2020-01-01T00:00:00Z" }),
  fails("audit prune", "usage", { before: "yesterday" }),
  ok("audit verify"),
  ok("key rotate"),
];

/** One life of a state, in this order: every operation that a gateway serves, with an answer and with a failure. */
export const life: readonly Case[] = [
  ...targets,
  ...connectors,
  ...objects,
  ...rotation,
  ...refused,
  ...transfer,
  ...access,
  ...events,
  ...upkeep,
];

/** Whatever is given, these have an answer. */
export const unfailing = [
  "target list",
  "cloud list",
  "list-auth-methods",
  "list-roles",
  "rotated-secret list",
  "event-forwarder list",
  "audit verify",
  "key rotate",
];
/** And these have none. */
export const unsupported: readonly string[] = [
  ...kinds.flatMap((kind) => ["create", "update"].map((verb) => `event-forwarder ${verb} ${kind}`)),
  ...statics,
];

/** What each machine's own life decides: a gateway attends to its duties by itself, and logs in before it is asked. */
export const ownLife: Readonly<Record<string, readonly string[]>> = {
  "duty list": ["detail", "failures", "holder", "last_began", "last_ended", "last_outcome", "state", "next"],
  // A credential is made for each machine by itself.
  "rotated-secret get-value": ["username", "password"],
  "audit list": ["id", "caller"],
  "audit prune": ["kept"],
  "audit verify": ["count", "last"],
};
