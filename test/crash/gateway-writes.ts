import { createHash } from "node:crypto";
import { openStore } from "../../src/adapters/state/index.ts";
import { accessKeys, authMethods, roles, tokens } from "../../src/features/access/model.ts";
import { connectors } from "../../src/features/connectors/model.ts";
import { targets } from "../../src/features/targets/model.ts";
import type { RecordKind } from "../../src/kernel/store.ts";
import type { gatewayOver } from "../support/gateway.ts";
import type { localAzure } from "../support/local-azure.ts";

type Lab = Awaited<ReturnType<typeof localAzure>>;

/** Through whom a write goes. */
interface Through {
  gateway: Awaited<ReturnType<typeof gatewayOver>>;
  ready: Lab["ready"];
  vault: string;
}

interface Write {
  route: string;
  body: (tag: string, through: Through) => Record<string, unknown>;
  /** What must be true of it, all or nothing. */
  parts: (seen: Seen, tag: string, answer: Record<string, unknown> | undefined) => boolean[];
}

/** A write that was begun. */
export interface Ack {
  write: Write;
  tag: string;
  acknowledged: boolean;
  answer?: Record<string, unknown>;
}

const secretOf = (tag: string): string => `secret of ${tag}`;

/** All kinds of writes that change the state, and one that changes a vault, in an order in which each may follow the one before. */
export const chain: readonly Write[] = [
  {
    route: "create-role",
    body: (name) => ({ name, description: name }),
    parts: ({ roles: found }, tag) => [found.get(`/${tag}`)?.description === tag],
  },
  {
    route: "set-role-rule",
    body: (tag) => ({ "role-name": tag, path: `/${tag}/*`, capability: ["read", "list"] }),
    parts: ({ roles: found }, tag) => [JSON.stringify(found.get(`/${tag}`)?.rules[0]?.capabilities) === '["read","list"]'],
  },
  {
    route: "create-auth-method-api-key",
    body: (name) => ({ name }),
    parts: ({ methods, keys }, tag) => [methods.has(`/${tag}`), keys.has(`/${tag}`)],
  },
  {
    route: "assoc-role-am",
    body: (tag) => ({ "role-name": tag, "am-name": tag }),
    parts: ({ roles: found }, tag) => [found.get(`/${tag}`)?.["auth-methods"].includes(`/${tag}`) === true],
  },
  {
    route: "auth",
    body: (_, { gateway: { admin } }) => ({ "access-id": admin.access_id, "access-key": admin.access_key }),
    parts: ({ tokenHashes }, _, answer) => [tokenHashes.has(createHash("sha256").update(String(answer?.["token"])).digest("hex"))],
  },
  {
    route: "target-create-azure",
    body: (name, { ready }) => ({
      name,
      "azure-cloud": "lab",
      "tenant-id": ready.tenant_id,
      "client-id": ready.client_id,
      "client-secret": secretOf(name),
    }),
    parts: ({ targets: found }, tag) => [found.get(`/${tag}`) === secretOf(tag)],
  },
  {
    route: "create-usc",
    body: (name, { vault }) => ({ name, "target-to-associate": "t", "azure-kv-name": vault }),
    parts: ({ connectors: found }, tag) => [found.has(`/${tag}`)],
  },
  {
    route: "usc-create",
    body: (tag) => ({ "usc-name": "kv", "secret-name": tag, value: secretOf(tag) }),
    parts: ({ secrets }, tag) => [secrets.get(tag) === secretOf(tag)],
  },
];

export function standing({ write, tag, answer }: Ack, seen: Seen): "whole" | "absent" | "half" {
  const parts = write.parts(seen, tag, answer);
  if (parts.every(Boolean)) return "whole";
  return parts.some(Boolean) ? "half" : "absent";
}

export type Seen = Awaited<ReturnType<typeof seenIn>>;

/** Every record as whoever opens the state next finds it: one that is not whole ends the look. */
export async function seenIn(lab: Lab) {
  const store = openStore({ home: lab.home });
  const all = async <T>(kind: RecordKind<T>): Promise<[string, T][]> =>
    (await store.collection(kind).list()).map(({ key, value }) => [key, value]);
  const read = (await lab.usc(["get-all", "--usc-name", "kv"])).json["secrets"] as { name: string; value: string }[];
  return {
    roles: new Map(await all(roles)),
    methods: new Map(await all(authMethods)),
    keys: new Set((await all(accessKeys)).map(([, { method }]) => method)),
    tokenHashes: new Set((await all(tokens)).map(([hash]) => hash)),
    targets: new Map((await all(targets)).map(([key, value]) => [key, value["client-secret"]])),
    connectors: new Map(await all(connectors)),
    secrets: new Map(read.map(({ name, value }) => [name, Buffer.from(value, "base64").toString()])),
  };
}
