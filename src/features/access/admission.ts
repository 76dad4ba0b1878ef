import { UscError } from "../../kernel/errors.ts";
import { rightsOf, type Rights } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import type { Clock } from "../../kernel/clock.ts";
import { roles, tokens } from "./model.ts";
import { hashOf } from "./secrets.ts";

/** Who a token's bearer is, and what he may do. */
export interface Admitted {
  /** Path of the auth method. */
  name: string;
  rights: Rights;
  /** Epoch milliseconds. */
  expires: number;
}

/** Looks a token up, each time anew: what was revoked at another gateway is not admitted here. */
export function admission({ store, clock }: { store: Store; clock: Clock }): (token: string | undefined) => Promise<Admitted> {
  const hash = remembered(hashOf);
  return async (token) => {
    if (token === undefined || token === "") {
      throw new UscError("gateway_unauthenticated", "The gateway wants a token.", {
        hint: "POST /auth gives one for an access id and its key.",
      });
    }
    const found = (await store.collection(tokens).get(await hash(token)))?.value;
    if (found === undefined || found.expires <= clock.now()) {
      throw new UscError("gateway_unauthenticated", "The token is not known, or has expired.", { hint: "POST /auth gives a new one." });
    }
    const mine = (await store.collection(roles).list()).filter(({ value }) => value["auth-methods"].includes(found.method));
    return { name: found.method, rights: rightsOf(mine.flatMap(({ value }) => value.rules)), expires: found.expires };
  };
}

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
