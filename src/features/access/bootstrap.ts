import { rfc3339 } from "../../kernel/clock.ts";
import { capabilities, kinds } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { newMethod } from "./methods.ts";
import { authMethods, roles } from "./model.ts";

export interface Bootstrap {
  access_id: string;
  access_key: string;
}

/** Whether anybody could log in. */
export const hasCallers = async ({ store }: Pick<Deps, "store">): Promise<boolean> =>
  (await store.collection(authMethods).list()).length > 0;

/**
 * The first caller of a gateway, who may do all. `hand` gets its key before anything is stored: what could not be handed over does not exist. Of
 * two gateways that start at once, one gets the `conflict`.
 */
export async function bootstrap({ store, clock }: Pick<Deps, "store" | "clock">, hand: (made: Bootstrap) => void): Promise<void> {
  const name = "/admin";
  const made = await newMethod({ store, clock }, { name, description: "Made by the first start of the gateway", minutes: 30 });
  const id = await store.nextId("roles");
  const now = rfc3339(clock.now());
  const rules = kinds.map((kind) => ({ kind, path: "/*", capabilities: [...capabilities] }));
  const role = { id, name, description: "May do all", rules, "auth-methods": [name], "created-at": now, "modified-at": now };
  hand({ access_id: made.shown.access_id, access_key: made.shown.access_key });
  await store.commit([...made.changes, store.collection(roles).put(name, role, 0)]);
}
