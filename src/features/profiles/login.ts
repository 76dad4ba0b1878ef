import { isToken } from "../../kernel/bearer.ts";
import type { Clock } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import type { Collection, Store, Stored } from "../../kernel/store.ts";
import { type Login, logins, type Profile } from "./model.ts";
import type { Gateway } from "./port.ts";

// A token that ends within the next call is no token.
const earlyMs = 10_000;
const loginMs = 30_000;

export interface Session {
  token: string;
  /** Just given: a gateway that refuses it would refuse the next one as well. */
  fresh: boolean;
}

/**
 * A profile's token: the one that is kept, else a new one. Never `refused`, which the gateway did not take. Processes that log in at once get a token
 * each, and all of them are good. A store that cannot be written costs the next call a login, never this one its answer.
 */
export async function sessionOf(
  { store, clock, gateway }: { store: Store; clock: Clock; gateway: Gateway },
  { key, value: profile }: Stored<Profile>,
  refused?: string,
): Promise<Session> {
  const kept = await keptLogin(store.collection(logins), key, profile);
  if (kept !== undefined && kept.token !== refused && kept.expires - earlyMs > clock.now()) return { token: kept.token, fresh: false };
  const body = { "access-id": profile["access-id"], "access-key": profile["access-key"] };
  const { token, expires } = given(await gateway.post({ route: "auth", body, effect: "read", withinMs: loginMs }));
  const login = { token, expires, "gateway-url": profile["gateway-url"], "access-id": profile["access-id"] };
  await store.commit([store.collection(logins).put(key, login)]).catch(() => {});
  return { token, fresh: true };
}

async function keptLogin(collection: Collection<Login>, key: string, profile: Profile): Promise<Login | undefined> {
  const login = (await collection.get(key).catch(() => undefined))?.value;
  const isHis = login?.["gateway-url"] === profile["gateway-url"] && login["access-id"] === profile["access-id"];
  return isHis ? login : undefined;
}

function given(answer: unknown): { token: string; expires: number } {
  if (typeof answer === "object" && answer !== null && "token" in answer && "expiration" in answer) {
    const { token, expiration } = answer;
    const expires = Date.parse(String(expiration));
    if (typeof token === "string" && isToken(token) && Number.isFinite(expires)) return { token, expires };
  }
  throw new UscError("unavailable", "The gateway's answer to the login holds no token.", { hint: "Is that address a usc gateway's?" });
}
