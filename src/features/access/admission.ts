import { UscError } from "../../kernel/errors.ts";
import { rightsOf, type Rights } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import type { Clock } from "../../kernel/clock.ts";
import { authMethods, roles, tokens } from "./model.ts";
import { hashOf } from "./secrets.ts";

/** Who a token's bearer is, and what he may do. */
export interface Admitted {
  /** Path of the auth method. */
  name: string;
  rights: Rights;
  /** Epoch milliseconds. */
  expires: number;
}

interface Deps {
  store: Store;
  clock: Clock;
}

/** The token of this hash, while it is good: not once it has expired, and not once its method is gone, whatever became of the name since. */
export async function goodToken({ store, clock }: Deps, hash: string) {
  const found = (await store.collection(tokens).get(hash))?.value;
  if (found === undefined || found.expires <= clock.now()) return undefined;
  const method = (await store.collection(authMethods).get(found.method))?.value;
  return method?.id === found.id ? found : undefined;
}

/** Looks a token up, each time anew: what was revoked at another gateway is not admitted here. */
export function admission(deps: Deps): (token: string | undefined) => Promise<Admitted> {
  const hash = remembered(hashOf);
  return async (token) => {
    if (token === undefined || token === "") {
      throw new UscError("gateway_unauthenticated", "The gateway wants a token.", {
        hint: "POST /auth gives one for an access id and its key.",
      });
    }
    const found = token.length > longest ? undefined : await goodToken(deps, await hash(token));
    if (found === undefined) {
      throw new UscError("gateway_unauthenticated", "The token is not known, or has expired.", { hint: "POST /auth gives a new one." });
    }
    const mine = (await deps.store.collection(roles).list()).filter(({ value }) => value["auth-methods"].includes(found.method));
    return { name: found.method, rights: rightsOf(mine.flatMap(({ value }) => value.rules)), expires: found.expires };
  };
}

// A token of ours is shorter. Anybody may send one of two megabytes, and a thousand of these are not kept.
const longest = 100;
const most = 1000;

/** A caller shows the same token at each request, and a hash costs more than all else here. */
function remembered(act: (text: string) => Promise<string>): (text: string) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (text) => {
    const found = known.get(text) ?? act(text);
    if (known.size >= most) known.clear();
    known.set(text, found);
    return found;
  };
}
