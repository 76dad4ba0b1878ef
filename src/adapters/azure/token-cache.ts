import { createHash } from "node:crypto";
import { once } from "../../kernel/once.ts";
import * as z from "zod/mini";
import type { Collection, RecordKind, Store } from "../../kernel/store.ts";
import type { Wanted } from "./credential.ts";
import type { Patience } from "./persist.ts";
import type { Token } from "./token.ts";

const CachedToken = once(() => z.object({ "access-token": z.string(), expires: z.number() }));

export const records: RecordKind<z.infer<ReturnType<typeof CachedToken>>> = {
  name: "tokens",
  noun: "token",
  schema: CachedToken,
  sealed: ["access-token"],
};

// A token that ends within the next call is no token.
const earlyMs = 5 * 60_000;

export interface Tokens {
  /** A token, from memory, the store or a login (`fresh`). Never `refused`, which is forgotten: the service did not take it. */
  get(wanted: Wanted, patience: Patience, refused?: string): Promise<{ text: string; fresh: boolean }>;
}

/** A store that cannot be read or written costs a login, never the call. */
export function tokenCache(store: Store, login: (wanted: Wanted, patience: Patience) => Promise<Token>): Tokens {
  const held = new Map<string, Token>();
  const logins = new Map<string, Promise<Token>>();
  const collection = (): Collection<z.infer<ReturnType<typeof CachedToken>>> => store.collection(records);

  const stored = async (key: string, refused: string | undefined): Promise<Token | undefined> => {
    const found = await collection()
      .get(key)
      .catch(() => undefined);
    if (found === undefined) return undefined;
    const { "access-token": text, expires } = found.value;
    if (text !== refused) return { text, expires };
    await store.commit([collection().remove(key, found.revision)]).catch(() => {});
    return undefined;
  };

  // What replaced secrets and forgotten targets have left behind.
  const sweep = async (now: number): Promise<void> => {
    const ended = (await collection().list()).filter(({ value }) => value.expires <= now);
    if (ended.length > 0) await store.commit(ended.map(({ key, revision }) => collection().remove(key, revision)));
  };

  const renew = async (key: string, wanted: Wanted, patience: Patience): Promise<Token> => {
    const token = await login(wanted, patience);
    held.set(key, token);
    await store.commit([collection().put(key, { "access-token": token.text, expires: token.expires })]).catch(() => {});
    await sweep(patience.clock.now()).catch(() => {});
    return token;
  };

  return {
    async get(wanted, patience, refused) {
      const key = keyOf(wanted);
      const usable = (token: Token | undefined): token is Token =>
        token !== undefined && token.text !== refused && token.expires - earlyMs > patience.clock.now();
      const inMemory = held.get(key);
      if (usable(inMemory)) return { text: inMemory.text, fresh: false };
      const onDisk = await stored(key, refused);
      if (usable(onDisk)) {
        held.set(key, onDisk);
        return { text: onDisk.text, fresh: false };
      }
      // Sixteen parallel calls make one login.
      const running = logins.get(key) ?? renew(key, wanted, patience).finally(() => logins.delete(key));
      logins.set(key, running);
      return { text: (await running).text, fresh: true };
    },
  };
}

/** Everything that a token depends on: two clouds with equal ids, or one target before and after its secret changed, share none. */
function keyOf({ cloud, credential, audience }: Wanted): string {
  const text = JSON.stringify([cloud.name, cloud["authority-host"], audience, credential]);
  const key = keys.get(text) ?? createHash("sha256").update(text).digest("hex");
  if (keys.size >= mostKeys) keys.clear();
  keys.set(text, key);
  return key;
}

const mostKeys = 100;
/** A gateway asks for the same few at each call. */
const keys = new Map<string, string>();
