import type { Input, Line } from "./gateway-house.ts";

/** What one way of calling an operation needs, as the documentation says it and not as the program does. */
export interface Row {
  call: Line;
  /** `CAPABILITY KIND PATH`, all of them. */
  needs: readonly string[];
  /** Needed as well, but looked at only when the record is found: a caller who may change it may learn that it is there. */
  inside?: readonly string[];
  /** What stands before, beside the furniture. */
  before?: readonly Line[];
  /** How it ends for who has the rights (default: `ok`). */
  code?: string;
}

const identity = { "tenant-id": "11111111-2222-4333-8444-555555555555", "client-id": "66666666-7777-4888-9999-aaaaaaaaaaaa" };
const secret = { ...identity, "client-secret": "a~secret", "azure-cloud": "lab" };
const vault = { "target-to-associate": "/prod/t", "azure-kv-name": "demo" };
const kv = { "usc-name": "/prod/kv" };
const s = { ...kv, "secret-id": "s" };
const far = "https://login.far.example";
const cloud = { name: "far", "authority-host": far, "graph-endpoint": far, "arm-endpoint": far, "key-vault-suffix": "vault.far.example" };

const written: Line = ["create", { ...kv, "secret-name": "s", value: "v", overwrite: true, "if-deleted": "recover" }];
const deleted: readonly Line[] = [written, ["delete", s]];
const machine: Line = ["target create azure", { name: "/prod/mi", "connection-type": "managed-identity", "azure-cloud": "lab" }];
const hook: Line = ["event-forwarder create webhook", { name: "/prod/hook", url: "http://127.0.0.1:1/usc", "allow-private": true }];
const method: Line = ["create-auth-method-api-key", { name: "/prod/ci" }];
const role: Line = ["create-role", { name: "/prod/r" }];
const onRole = { "role-name": "/prod/r", path: "/prod/kv" };
const ruled: readonly Line[] = [role, ["set-role-rule", { ...onRole, capability: ["read"] }]];
const given: Line = ["assoc-role-am", { "role-name": "/prod/r", "am-name": "/prod/ci" }];
const denying: readonly Line[] = [role, ["set-role-rule", { ...onRole, capability: ["deny"] }]];

const ownKey = { "api-id": identity["tenant-id"], "api-key": "a~key", "app-id": identity["client-id"], "skip-dry-run": true };
const apiKey = { "target-name": "/prod/t", "rotator-type": "api-key", ...ownKey };
const key: Line = ["rotated-secret create azure", { name: "/prod/key", ...apiKey }];
const { "app-id": _, ...withoutApp } = apiKey;
const asTarget: Line = ["rotated-secret create azure", { name: "/prod/as-t", ...withoutApp }];
const user = { "target-name": "/prod/t", "rotator-type": "password", username: "ada@example.com", password: "p", "skip-dry-run": true };
const userPassword: Line = ["rotated-secret create azure", { name: "/prod/user", ...user }];
const ownSecret: Line = ["rotated-secret create azure", { name: "/prod/own", "target-name": "/prod/t", "rotator-type": "target" }];

const live = { "usc-name": "/live/kv" };
const syncing = (more: Input): Line => ["rotated-secret sync", { name: "/prod/key", ...more }];

const on = (kind: string, path: string, ...capabilities: readonly string[]): string[] =>
  capabilities.map((each) => `${each} ${kind} ${path}`);
const item = (...capabilities: readonly string[]): string[] => on("item", "/prod/kv", ...capabilities);
const target = (...capabilities: readonly string[]): string[] => on("target", "/prod/t", ...capabilities);
const system = (path: string, capability: string): string[] => on("system", path, capability);
const synced = (path: string): string[] => on("item", path, "read", "update");
const all = ["read", "list", "create", "update", "delete"];

const row = (operation: string, input: Input, needs: readonly string[], more: Omit<Row, "call" | "needs"> = {}): Row => ({
  call: [operation, input],
  needs,
  ...more,
});

export const table: readonly Row[] = [
  row("target create azure", { name: "/prod/new", ...secret }, on("target", "/prod/new", "create")),
  row("target create azure", { name: "/prod/t", ...secret }, target("create"), { code: "conflict" }),
  ...["managed-identity", "cloud-identity", "azure-cli", "environment"].map((type) =>
    row("target create azure", { name: "/prod/new", "connection-type": type }, [
      ...on("target", "/prod/new", "create"),
      ...system("/identity", "reveal"),
    ]),
  ),
  row("target create azure", { name: "/prod/new", "use-gw-cloud-identity": "true" }, [
    ...on("target", "/prod/new", "create"),
    ...system("/identity", "reveal"),
  ]),
  row("target update azure", { name: "/prod/t", description: "d" }, target("update")),
  row("target update azure", { name: "/prod/t", ...secret }, target("update")),
  row("target update azure", { name: "/prod/t", "connection-type": "managed-identity" }, [
    ...target("update"),
    ...system("/identity", "reveal"),
  ]),
  row(
    "target update azure",
    { name: "/prod/free", "new-name": "/live/t" },
    [...on("target", "/prod/free", ...all, "reveal"), ...on("target", "/live/t", "create")],
    { before: [["target create azure", { name: "/prod/free", ...secret }]] },
  ),
  row("target update azure", { name: "/prod/mi", description: "d" }, on("target", "/prod/mi", "update"), { before: [machine] }),
  ...[{ "azure-cloud": "lab" }, { "tenant-id": identity["tenant-id"] }, { "managed-identity-client-id": identity["client-id"] }].map(
    (input) =>
      row("target update azure", { name: "/prod/mi", ...input }, on("target", "/prod/mi", "update"), {
        before: [machine],
        inside: system("/identity", "reveal"),
      }),
  ),
  row("target get", { name: "/prod/t" }, target("read")),
  row("target get-details", { name: "/prod/t" }, target("read", "reveal")),
  row("target list", {}, []),
  row("target test", { name: "/prod/t" }, target("read")),
  row("target test", { name: "/prod/t", "usc-name": "/prod/kv" }, [...target("read"), ...item("read")]),
  row("fetch-vaults", { "target-name": "/prod/t" }, target("read")),
  row("target delete", { name: "/prod/t", "force-deletion": true }, target("delete")),

  row("cloud register", cloud, system("/clouds", "create")),
  row("cloud list", {}, system("/clouds", "list")),
  row("cloud unregister", { name: "far" }, system("/clouds", "delete"), { before: [["cloud register", cloud]] }),
  row("key rotate", {}, system("/state", "update")),

  row("create-usc", { name: "/prod/new", ...vault }, [...on("item", "/prod/new", "create"), ...target("read")]),
  row("create-usc", { name: "/prod/kv", ...vault }, [...item("create"), ...target("read")], { code: "conflict" }),
  row("update-item", { name: "/prod/kv", "add-tag": "a" }, item("update")),
  row("update-item", { name: "/prod/kv", "new-name": "/live/new" }, [...item(...all), ...on("item", "/live/new", "create")]),
  row("describe-item", { name: "/prod/kv" }, item("read")),
  row("get-tags", { name: "/prod/kv" }, item("read")),
  row("list-items", {}, []),
  row("move-objects", { source: "/prod/kv", target: "/live/new" }, [...item(...all), ...on("item", "/live/new", "create")]),
  row("delete-item", { name: "/prod/kv" }, item("delete")),

  row("rotated-secret create azure", { name: "/prod/new", ...apiKey }, [...on("item", "/prod/new", "create"), ...target("read")]),
  row("rotated-secret create azure", { name: "/prod/kv", ...apiKey }, [...item("create"), ...target("read")], { code: "conflict" }),
  row("rotated-secret create azure", { name: "/prod/new", "target-name": "/prod/t", "rotator-type": "target" }, [
    ...on("item", "/prod/new", "create"),
    ...target("read", "update"),
  ]),
  row("rotated-secret create azure", { name: "/prod/new", ...user }, [...on("item", "/prod/new", "create"), ...target("read")]),
  row(
    "rotated-secret create azure",
    { name: "/prod/new", "target-name": "/prod/t", "rotator-type": "azure-storage-account" },
    [...on("item", "/prod/new", "create"), ...target("read")],
    { code: "usage" },
  ),
  row("rotated-secret get-value", { name: "/prod/user" }, on("item", "/prod/user", "read"), { before: [userPassword] }),
  row("rotated-secret update azure", { name: "/prod/user", "password-length": 30 }, on("item", "/prod/user", "update"), {
    before: [userPassword],
  }),
  row("rotated-secret update azure", { name: "/prod/key", "max-versions": 3 }, on("item", "/prod/key", "update"), { before: [key] }),
  row(
    "rotated-secret update azure",
    { name: "/prod/key", "new-name": "/live/key" },
    [...on("item", "/prod/key", ...all), ...on("item", "/live/key", "create")],
    { before: [key] },
  ),
  row("rotated-secret get-value", { name: "/prod/key" }, on("item", "/prod/key", "read"), { before: [key] }),
  row("rotated-secret get-value", { name: "/prod/own" }, on("item", "/prod/own", "read"), {
    before: [ownSecret],
    inside: target("reveal"),
  }),
  // A client secret of the target's own application is as good as the target's.
  row("rotated-secret get-value", { name: "/prod/as-t" }, on("item", "/prod/as-t", "read"), {
    before: [asTarget],
    inside: target("reveal"),
  }),
  row("rotated-secret list", {}, []),
  row("rotate-secret", { name: "/prod/key", "dry-run": true }, on("item", "/prod/key", "update"), {
    before: [key],
    code: "unauthenticated",
  }),
  row("rotate-secret", { name: "/prod/own", "dry-run": true }, on("item", "/prod/own", "update"), {
    before: [ownSecret],
    inside: target("update"),
  }),
  row("rotated-secret delete", { name: "/prod/own" }, on("item", "/prod/own", "delete"), { before: [ownSecret] }),
  row("rotated-secret delete", { name: "/prod/key" }, on("item", "/prod/key", "delete"), { before: [key, syncing(kv)], code: "conflict" }),
  row("delete-item", { name: "/prod/kv" }, item("delete"), { before: [key, syncing(kv)], code: "conflict" }),
  row("rotated-secret sync", { name: "/prod/key", ...live }, [...synced("/prod/key"), ...on("item", "/live/kv", "create", "update")], {
    before: [key],
  }),
  row("rotated-secret sync", { name: "/prod/key" }, synced("/prod/key"), {
    before: [key, syncing(live)],
    inside: on("item", "/live/kv", "create", "update"),
  }),
  row("rotated-secret sync", { name: "/prod/as-t", ...live }, [...synced("/prod/as-t"), ...on("item", "/live/kv", "create", "update")], {
    before: [asTarget],
    inside: target("reveal"),
  }),
  row("rotated-secret delete-sync", { name: "/prod/key", ...kv }, on("item", "/prod/key", "update"), { before: [key, syncing(kv)] }),
  row(
    "rotated-secret delete-sync",
    { name: "/prod/key", ...kv, "delete-from-usc": true },
    [...on("item", "/prod/key", "update"), ...item("delete")],
    { before: [key, syncing({ ...kv, "remote-secret-name": "goes-1" })] },
  ),
  row("rotated-secret delete-sync", { name: "/prod/key", ...kv }, on("item", "/prod/key", "update"), {
    before: [key, syncing({ ...kv, "remote-secret-name": "goes-2", "delete-remote": true })],
    inside: item("delete"),
  }),
  ...["static-secret-sync", "static-secret-delete-sync"].map((name) =>
    row(name, { name: "/prod/static", ...kv }, on("item", "/prod/static", "update"), { code: "unsupported" }),
  ),

  row("audit list", {}, system("/audit", "list")),
  row("audit verify", {}, system("/audit", "read")),
  row("audit prune", { before: "2020-01-01T00:00:00Z" }, system("/audit", "delete")),

  row("duty list", {}, system("/duties", "list")),
  row("duty run", { name: "token-sweep" }, system("/duties", "update")),
  row("duty run", { name: "token-sweep", "audit-retention": "7d" }, [...system("/duties", "update"), ...system("/audit", "delete")]),

  row("event-forwarder create webhook", { name: "/prod/hook", url: "https://hooks.example/usc" }, system("/events", "create")),
  row("event-forwarder create webhook", { name: "/prod/hook", url: "https://127.0.0.1/usc" }, system("/events", "create"), {
    code: "usage",
  }),
  row("event-forwarder update webhook", { name: "/prod/hook", enable: false }, system("/events", "update"), { before: [hook] }),
  row("event-forwarder get", { name: "/prod/hook" }, system("/events", "read"), { before: [hook] }),
  row("event-forwarder list", {}, system("/events", "list")),
  row("event-forwarder delete", { name: "/prod/hook" }, system("/events", "delete"), { before: [hook] }),
  row("event-forwarder test", { name: "/prod/hook" }, system("/events", "update"), { before: [hook], code: "unavailable" }),
  row("event-forwarder deliveries", { name: "/prod/hook" }, system("/events", "read"), { before: [hook] }),
  row("event-forwarder redeliver", { name: "/prod/hook" }, system("/events", "update"), { before: [hook] }),
  ...["email", "slack", "teams", "servicenow"].flatMap((kind) =>
    ["create", "update"].map((verb) =>
      row(`event-forwarder ${verb} ${kind}`, { name: "/prod/hook" }, system("/events", verb), { code: "unsupported" }),
    ),
  ),

  row("list", kv, item("list")),
  row("get", s, item("read"), { before: [written] }),
  row("get-all", kv, item("list", "read"), { before: [written] }),
  row("usc-resolve", { reference: "azurevault://prod/kv/s" }, item("read"), { before: [written] }),
  row("versions", s, item("list"), { before: [written] }),
  row("list-deleted", kv, item("list")),
  row("create", { ...kv, "secret-name": "new", value: "v", "if-deleted": "fail" }, item("create")),
  row("create", { ...kv, "secret-name": "s", value: "v", overwrite: true }, item("create", "update"), { before: [written] }),
  row("create", { ...kv, "secret-name": "s", value: "v", "if-deleted": "recover" }, item("create", "update"), { before: deleted }),
  row("create", { ...kv, "secret-name": "s", value: "v", "if-deleted": "purge" }, item("create", "delete"), { before: deleted }),
  row("update", { ...s, value: "w" }, item("update"), { before: [written] }),
  row("delete", s, item("delete"), { before: [written] }),
  row("recover", s, item("update"), { before: deleted }),
  row("purge", s, item("delete"), { before: deleted }),
  row("validate", kv, item(...all)),
  row("test-connection", kv, item("read", "list", "create", "delete")),
  row("copy-object", { ...s, "secret-name": "copy-1" }, item("read", "create"), { before: [written] }),
  row("copy-object", { ...s, "secret-name": "copy-2", "to-usc-name": "/live/kv" }, [...item("read"), ...on("item", "/live/kv", "create")], {
    before: [written],
  }),
  row("copy-object", { ...s, "secret-name": "copy-3", "delete-source": true }, item("read", "create", "delete"), { before: [written] }),
  row("expiring", kv, item("list")),
  row("export", kv, item("list", "read"), { before: [written] }),
  row("import", { ...kv, content: "A=b" }, item("read", "create", "update")),
  row("doctor", kv, item("read")),

  row("auth", { "access-id": "p-none", "access-key": "none" }, [], { code: "gateway_unauthenticated" }),
  row("validate-token", { token: "none" }, []),
  row("revoke-token", { token: "none" }, []),
  row("create-auth-method-api-key", { name: "/prod/ci" }, system("/access", "create")),
  row("get-auth-method", { name: "/prod/ci" }, system("/access", "read"), { before: [method] }),
  row("list-auth-methods", {}, system("/access", "list")),
  row("delete-auth-method", { name: "/prod/ci" }, system("/access", "delete"), { before: [method] }),
  row("create-role", { name: "/prod/r" }, system("/access", "create")),
  row("get-role", { name: "/prod/r" }, system("/access", "read"), { before: [role] }),
  row("list-roles", {}, system("/access", "list")),
  row("update-role", { name: "/prod/r", description: "d" }, system("/access", "update"), { before: [role] }),
  row("delete-role", { name: "/prod/r" }, system("/access", "delete"), { before: ruled }),
  row("delete-role", { name: "/prod/r" }, system("/access", "delete"), { before: denying, inside: item(...all, "reveal") }),
  row("set-role-rule", { ...onRole, capability: ["deny"] }, system("/access", "update"), { before: [role] }),
  row("set-role-rule", { ...onRole, capability: ["read", "update"] }, system("/access", "update"), {
    before: [role],
    inside: item("read", "update"),
  }),
  row("set-role-rule", { ...onRole, capability: ["read"] }, system("/access", "update"), {
    before: denying,
    inside: item(...all, "reveal"),
  }),
  row("delete-role-rule", onRole, system("/access", "update"), { before: ruled }),
  row("delete-role-rule", onRole, system("/access", "update"), { before: denying, inside: item(...all, "reveal") }),
  row("assoc-role-am", { "role-name": "/prod/r", "am-name": "/prod/ci" }, system("/access", "update"), {
    before: [...ruled, method],
    inside: item("read"),
  }),
  row("delete-assoc", { "assoc-id": "/prod/r /prod/ci" }, system("/access", "update"), { before: [...ruled, method, given] }),
  row("delete-assoc", { "assoc-id": "/prod/r /prod/ci" }, system("/access", "update"), {
    before: [...denying, method, given],
    inside: item(...all, "reveal"),
  }),
];
