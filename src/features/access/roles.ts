import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { description, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { pageOf, paging } from "../../kernel/page.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { rewritten } from "../../kernel/store.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { type Role, roles } from "./model.ts";
import { findRole } from "./find.ts";
import { assocIdOf, refuseFreeing, ruleTypeOf } from "./rules.ts";

const name = () => text("Path of the role", { short: "n" });

export const createRole = ({ store, clock }: Deps) =>
  operation({
    name: "create-role",
    summary: "Makes a role: what callers of the gateway may do",
    example: "create-role --name /readers",
    notes: "It allows nothing until it has rules: `usc set-role-rule`.",
    effect: "write",
    needs: [onSystem("create", "/access")],
    input: () => z.object({ name: name(), description: optionalText("What it is for", { aliases: ["comment"] }) }),
    output: () => z.object({ role_id: z.int(), role_name: z.string() }),
    run: async (input) => {
      const path = itemPath(input.name, "role");
      const id = await store.nextId("roles");
      const now = rfc3339(clock.now());
      const made = {
        id,
        name: path,
        description: input.description ?? "",
        rules: [],
        "auth-methods": [],
        "created-at": now,
        "modified-at": now,
      };
      await store.commit([store.collection(roles).put(path, made, 0)]);
      return { role_id: id, role_name: path };
    },
  });

const view = () => {
  const rule = z.object({ path: z.string(), type: z.string(), capabilities: z.array(z.string()) });
  return z.object({
    role_id: z.int(),
    role_name: z.string(),
    comment: z.string(),
    creation_date: z.string(),
    modification_date: z.string(),
    rules: z.object({ path_rules: z.array(rule) }),
    role_auth_methods_assoc: z.array(z.object({ assoc_id: z.string(), auth_method_name: z.string(), role_name: z.string() })),
  });
};

const viewOf = (role: Role) => ({
  role_id: role.id,
  role_name: role.name,
  comment: role.description,
  creation_date: role["created-at"],
  modification_date: role["modified-at"],
  rules: { path_rules: role.rules.map(({ kind, path, capabilities }) => ({ path, type: ruleTypeOf(kind), capabilities })) },
  role_auth_methods_assoc: role["auth-methods"].map((method) => ({
    assoc_id: assocIdOf(role.name, method),
    auth_method_name: method,
    role_name: role.name,
  })),
});

export const getRole = ({ store }: Deps) =>
  operation({
    name: "get-role",
    summary: "Shows a role with its rules and callers",
    example: "get-role --name /readers",
    effect: "read",
    oneThing: true,
    needs: [onSystem("read", "/access")],
    input: () => z.object({ name: name() }),
    output: view,
    run: async (input) => viewOf((await findRole(store, input.name)).value),
  });

export const listRoles = ({ store }: Deps) =>
  operation({
    name: "list-roles",
    summary: "Lists roles with their rules and callers",
    example: "list-roles -o table",
    effect: "read",
    needs: [onSystem("list", "/access")],
    input: () => z.object(paging()),
    output: () => z.object({ roles: z.array(view()), next_page: z.string() }),
    run: async ({ filter, "pagination-token": token }) => {
      const { page, next_page } = pageOf(await store.collection(roles).list(), token, filter);
      return { roles: page.map(({ value }) => viewOf(value)), next_page };
    },
  });

export const updateRole = ({ store, clock }: Deps) =>
  operation({
    name: "update-role",
    summary: "Changes a role's name or description",
    example: "update-role --name /readers --new-name /auditors",
    effect: "write",
    needs: [onSystem("update", "/access")],
    input: () =>
      z.object({
        name: name(),
        "new-name": optionalText("New path of the role"),
        description: description("What it is for", { aliases: ["new-comment"] }),
      }),
    output: () => z.object({ updated: z.boolean() }),
    run: async (input) => {
      const stored = await findRole(store, input.name);
      const path = input["new-name"] === undefined ? stored.key : itemPath(input["new-name"], "role");
      const said = present({ description: input.description });
      const changed = { ...stored.value, ...said, name: path, "modified-at": rfc3339(clock.now()) };
      await store.commit(rewritten(store.collection(roles), stored, path, changed));
      return { updated: true };
    },
  });

export const deleteRole = ({ store, granting }: Deps) =>
  operation({
    name: "delete-role",
    summary: "Removes a role; its callers may do less from then on",
    example: "delete-role --name /readers",
    effect: "write",
    needs: [onSystem("delete", "/access")],
    input: () => z.object({ name: name() }),
    output: () => z.object({ role_name: z.string() }),
    run: async (input) => {
      const stored = await findRole(store, input.name);
      refuseFreeing(granting(), stored.value.rules);
      await store.commit([store.collection(roles).remove(stored.key, stored.revision)]);
      return { role_name: stored.key };
    },
  });
