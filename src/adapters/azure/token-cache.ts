import { createHash } from "node:crypto";
import * as z from "zod/mini";
import type { Vault } from "../../features/objects/port.ts";
import type { RecordKind, Store } from "../../kernel/store.ts";
import type { Token } from "./token.ts";

const CachedToken = z.object({ "access-token": z.string(), expires: z.number() });

const tokens: RecordKind<z.infer<typeof CachedToken>> = { name: "tokens", noun: "token", schema: CachedToken, sealed: ["access-token"] };

// A token that ends within the next call is no token.
const earlyMs = 5 * 60_000;

/** Everything that a token depends on: two clouds with equal ids, or one target before and after its secret changed, share none. */
function keyOf({ cloud, target }: Vault): string {
  const fingerprint = createHash("sha256").update(target["client-secret"]).digest("hex");
  const parts = [cloud["authority-host"], target["tenant-id"], target["client-id"], cloud["key-vault-audience"], fingerprint];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

export async function cachedToken(store: Store, vault: Vault, now: number): Promise<string | undefined> {
  const stored = await store.collection(tokens).get(keyOf(vault));
  return stored && stored.value.expires - earlyMs > now ? stored.value["access-token"] : undefined;
}

/** Keeps a token for the next process. A store that cannot be written costs that process a login, and this one nothing. */
export async function keepToken(store: Store, vault: Vault, token: Token): Promise<void> {
  const change = store.collection(tokens).put(keyOf(vault), { "access-token": token.text, expires: token.expires });
  await store.commit([change]).catch(() => {});
}
