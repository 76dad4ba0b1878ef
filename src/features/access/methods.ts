import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { count, flag, list, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { pageOf, paging } from "../../kernel/page.ts";
import { itemPath } from "../../kernel/paths.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Change } from "../../kernel/store.ts";
import type { Deps } from "./deps.ts";
import { findMethod } from "./find.ts";
import { refuseNarrowing } from "./inputs.ts";
import { accessKeys, type AuthMethod, authMethods, roles, tokens } from "./model.ts";
import { hashOf, newSecret, toBase64, toHex } from "./secrets.ts";

export const createMethod = (deps: Deps) =>
  operation({
    name: "create-auth-method-api-key",
    legacyRoutes: ["auth-method-create-api-key", "create-auth-method"],
    summary: "Makes a caller of the gateway: an access id and a key, shown this once",
    example: "create-auth-method-api-key --name /ci",
    notes: "A caller may do nothing until a role is given to it: `usc assoc-role-am`.",
    effect: "write",
    needs: [onSystem("create", "/access")],
    input: () =>
      z.object({
        name: text("Path of the auth method", { short: "n" }),
        description: optionalText("What it is for"),
        "jwt-ttl": count("Minutes that its tokens are good for (default, also as 0: 30)", [0, 1440]),
        "access-expires": count("When it ends: not supported", [0, Number.MAX_SAFE_INTEGER]),
        "bound-ips": list("Only from these addresses: not supported"),
        "gw-bound-ips": list("Only through gateways at these addresses: not supported"),
        "allowed-client-type": list("Only by these kinds of clients: not supported"),
        "force-sub-claims": flag("Only with sub-claims: not supported"),
      }),
    output: () => z.object({ name: z.string(), access_id: z.string(), access_key: z.string() }),
    run: async ({ name: given, description = "", "jwt-ttl": minutes = 0, ...narrowing }) => {
      refuseNarrowing(narrowing);
      const name = itemPath(given, "auth method");
      const made = await newMethod(deps, { name, description, minutes: minutes === 0 ? 30 : minutes });
      await deps.store.commit(made.changes);
      return made.shown;
    },
  });

/** A new method with its key; nothing is written before the changes are committed. */
export async function newMethod(
  { store, clock }: Pick<Deps, "store" | "clock">,
  { name, description, minutes }: { name: string; description: string; minutes: number },
) {
  const id = await store.nextId("auth-methods");
  const accessId = `p-${toHex(newSecret()).slice(0, 14)}`;
  const key = toBase64(newSecret());
  const method: AuthMethod = { id, name, "access-id": accessId, description, "token-minutes": minutes, "created-at": rfc3339(clock.now()) };
  const changes: Change[] = [
    store.collection(authMethods).put(name, method, 0),
    store.collection(accessKeys).put(accessId, { method: name, "key-hash": await hashOf(key) }, 0),
  ];
  return { changes, shown: { name, access_id: accessId, access_key: key } };
}

const view = () =>
  z.object({ auth_method_access_id: z.string(), auth_method_name: z.string(), description: z.string(), creation_date: z.string() });

export const getMethod = ({ store }: Deps) =>
  operation({
    name: "get-auth-method",
    legacyRoutes: ["auth-method-get"],
    summary: "Shows a caller of the gateway, without its key",
    example: "get-auth-method --name /ci",
    effect: "read",
    needs: [onSystem("read", "/access")],
    input: () => z.object({ name: text("Path of the auth method", { short: "n" }) }),
    output: view,
    run: async ({ name }) => viewOf((await findMethod(store, name)).value),
  });

export const listMethods = ({ store }: Deps) =>
  operation({
    name: "list-auth-methods",
    legacyRoutes: ["auth-method-list"],
    summary: "Lists the callers that the gateway knows",
    example: "list-auth-methods -o table",
    effect: "read",
    needs: [onSystem("list", "/access")],
    input: () => z.object(paging()),
    output: () => z.object({ auth_methods: z.array(view()), next_page: z.string() }),
    run: async ({ filter, "pagination-token": token }) => {
      const { page, next_page } = pageOf(await store.collection(authMethods).list(), token, filter);
      return { auth_methods: page.map(({ value }) => viewOf(value)), next_page };
    },
  });

const viewOf = (method: AuthMethod) => ({
  auth_method_access_id: method["access-id"],
  auth_method_name: method.name,
  description: method.description,
  creation_date: method["created-at"],
});

export const deleteMethod = ({ store }: Deps) =>
  operation({
    name: "delete-auth-method",
    legacyRoutes: ["auth-method-delete"],
    summary: "Ends a caller of the gateway, with its key and its tokens",
    example: "delete-auth-method --name /ci",
    effect: "write",
    needs: [onSystem("delete", "/access")],
    input: () => z.object({ name: text("Path of the auth method", { short: "n" }) }),
    output: () => z.object({ name: z.string() }),
    run: async (input) => {
      const { key: name, value, revision: known } = await findMethod(store, input.name);
      const [issued, given] = [store.collection(tokens), store.collection(roles)];
      const itsTokens = (await issued.list()).filter((token) => token.value.method === name);
      const itsRoles = (await given.list()).filter((role) => role.value["auth-methods"].includes(name));
      await store.commit([
        store.collection(authMethods).remove(name, known),
        store.collection(accessKeys).remove(value["access-id"]),
        ...itsTokens.map(({ key }) => issued.remove(key)),
        ...itsRoles.map(({ key, value: role, revision }) =>
          given.put(key, { ...role, "auth-methods": role["auth-methods"].filter((each) => each !== name) }, revision),
        ),
      ]);
      return { name };
    },
  });
