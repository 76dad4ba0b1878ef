import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import { capabilities, kinds } from "../../kernel/rights.ts";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   auth method  a caller of the gateway: its name, and an access id with an access key that it shows
 *   role         what callers may do: rules, and the auth methods that they are for
 *   token        what a caller shows instead of its key for a short while
 * Keys and tokens are 256 random bits and stand in the store as SHA-256 alone: nobody can guess one from its hash, and nobody can show the hash.
 */
const AuthMethod = once(() => {
  const text = z.string();
  return z.object({
    id: z.int(),
    name: text,
    "access-id": text,
    description: text,
    /** Minutes that its tokens are good for. */
    "token-minutes": z.int(),
    "created-at": text,
  });
});
export type AuthMethod = z.infer<ReturnType<typeof AuthMethod>>;

const AccessKey = once(() => z.object({ method: z.string(), "key-hash": z.string() }));

const Role = once(() => {
  const text = z.string();
  return z.object({
    id: z.int(),
    name: text,
    description: text,
    rules: z.array(z.object({ kind: z.enum(kinds), path: text, capabilities: z.array(z.enum([...capabilities, "deny"])) })),
    "auth-methods": z.array(text),
    "created-at": text,
    "modified-at": text,
  });
});
export type Role = z.infer<ReturnType<typeof Role>>;

/** `id` is the method's: a later method of the same name is another caller. `expires` in epoch milliseconds. */
const Token = once(() => z.object({ method: z.string(), id: z.int(), expires: z.number() }));

/** Keyed by path. */
export const authMethods: RecordKind<AuthMethod> = { name: "auth-methods", noun: "auth method", schema: AuthMethod };
/** Keyed by access id. */
export const accessKeys: RecordKind<z.infer<ReturnType<typeof AccessKey>>> = { name: "access-keys", noun: "access key", schema: AccessKey };
/** Keyed by path. */
export const roles: RecordKind<Role> = { name: "roles", noun: "role", schema: Role };
/** Keyed by the token's hash. */
export const tokens: RecordKind<z.infer<ReturnType<typeof Token>>> = { name: "gateway-tokens", noun: "gateway token", schema: Token };
