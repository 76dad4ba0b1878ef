import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { count, list, optionalText, pairs, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { pathPattern } from "../../kernel/paths.ts";
import { capabilities, type Kind, kinds, onSystem, refused, type Rights, type Rule } from "../../kernel/rights.ts";
import type { Change, Store, Stored } from "../../kernel/store.ts";
import type { Deps } from "./deps.ts";
import { authMethods, type Role, roles } from "./model.ts";
import { findMethod, findRole } from "./find.ts";
import { refuseNarrowing } from "./inputs.ts";

export const ruleTypeOf = (kind: Kind): string => `${kind}-rule`;

const inputs = () => ({
  "role-name": text("Path of the role"),
  path: text("What it is about: /prod/kv, or /prod/* for all below"),
  "rule-type": optionalText("Whose path: item-rule (default), target-rule, system-rule", { placeholder: "TYPE" }),
});

export const setRule = ({ store, clock, granting }: Deps) =>
  operation({
    name: "set-role-rule",
    summary: "Lets a role do something on a path, or denies it",
    example: "set-role-rule --role-name /readers --path '/prod/*' --capability read --capability list",
    notes: "Replaces the role's rule for that path. `deny` wins over every rule that allows. Nobody gives what his own roles do not allow.",
    effect: "write",
    needs: [onSystem("update", "/access")],
    names: { item: ["role-name"] },
    input: () =>
      z.object({
        ...inputs(),
        capability: list("read, list, create, update, delete, reveal or deny; may be repeated"),
        ttl: count("Minutes that it is for: not supported", [0, 1_000_000_000]),
      }),
    output: () => z.object({ role_name: z.string(), path: z.string() }),
    run: async (input) => {
      refuseNarrowing({ ttl: input.ttl });
      const stored = await findRole(store, input["role-name"]);
      const rule: Rule = { kind: kindOf(input["rule-type"]), path: patternOf(input.path), capabilities: wordsOf(input.capability) };
      refuseLacking(granting(), [rule]);
      const replaced = stored.value.rules.filter((each) => each.kind === rule.kind && each.path === rule.path);
      if (!rule.capabilities.includes("deny")) refuseFreeing(granting(), replaced);
      const others = stored.value.rules.filter((each) => !replaced.includes(each));
      const rules = [...others, { ...rule, capabilities: [...rule.capabilities] }];
      await store.commit([withRules(store, clock, stored, rules)]);
      return { role_name: stored.key, path: rule.path };
    },
  });

export const deleteRule = ({ store, clock, granting }: Deps) =>
  operation({
    name: "delete-role-rule",
    summary: "Removes a role's rule for a path",
    example: "delete-role-rule --role-name /readers --path '/prod/*'",
    effect: "write",
    needs: [onSystem("update", "/access")],
    names: { item: ["role-name"] },
    input: () => z.object(inputs()),
    output: () => z.object({ deleted: z.boolean() }),
    run: async (input) => {
      const stored = await findRole(store, input["role-name"]);
      const [kind, path] = [kindOf(input["rule-type"]), patternOf(input.path)];
      const rule = stored.value.rules.find((each) => each.kind === kind && each.path === path);
      if (rule === undefined) return { deleted: false };
      refuseFreeing(granting(), [rule]);
      const rules = stored.value.rules.filter((each) => each !== rule);
      await store.commit([withRules(store, clock, stored, rules)]);
      return { deleted: true };
    },
  });

export const associate = ({ store, granting }: Deps) =>
  operation({
    name: "assoc-role-am",
    summary: "Gives a role to an auth method",
    example: "assoc-role-am --role-name /readers --am-name /ci",
    effect: "write",
    needs: [onSystem("update", "/access")],
    names: { item: ["role-name"], to: ["am-name"] },
    input: () =>
      z.object({
        "role-name": text("Path of the role"),
        "am-name": text("Path of the auth method"),
        "sub-claims": pairs("Only for callers with these claims: not supported"),
      }),
    output: () => z.object({ assoc_id: z.string() }),
    run: async (input) => {
      refuseNarrowing({ "sub-claims": input["sub-claims"] });
      const stored = await findRole(store, input["role-name"]);
      const { key: method, revision } = await findMethod(store, input["am-name"]);
      refuseLacking(granting(), stored.value.rules);
      const methods = [...new Set([...stored.value["auth-methods"], method])];
      await store.commit([
        store.collection(roles).put(stored.key, { ...stored.value, "auth-methods": methods }, stored.revision),
        // Whoever deletes this method at the same instant must lose.
        store.collection(authMethods).touch(method, revision),
      ]);
      return { assoc_id: assocIdOf(stored.key, method) };
    },
  });

export const dissociate = ({ store, granting }: Deps) =>
  operation({
    name: "delete-assoc",
    summary: "Takes a role from an auth method",
    example: "delete-assoc --assoc-id '/readers /ci'",
    notes: "`assoc-role-am` answers with the id, and `get-role` shows it: the two names.",
    effect: "write",
    needs: [onSystem("update", "/access")],
    names: { item: ["assoc-id"] },
    input: () => z.object({ "assoc-id": text("Role and auth method, as one text", { placeholder: "ID" }) }),
    output: () => z.object({ assoc_id: z.string() }),
    run: async ({ "assoc-id": id }) => {
      const all = (await store.collection(roles).list()).flatMap((role) => role.value["auth-methods"].map((method) => ({ role, method })));
      const found = all.find(({ role, method }) => assocIdOf(role.key, method) === id);
      if (found === undefined) {
        throw new UscError("not_found", "No auth method has a role by that id.", { hint: "`usc list-roles` shows the ids." });
      }
      const { key, value, revision } = found.role;
      refuseFreeing(granting(), value.rules);
      const methods = value["auth-methods"].filter((each) => each !== found.method);
      await store.commit([store.collection(roles).put(key, { ...value, "auth-methods": methods }, revision)]);
      return { assoc_id: id };
    },
  });

/** No other pair has it: no segment of a path ends with a space. */
export const assocIdOf = (role: string, method: string): string => `${role} ${method}`;

const withRules = (store: Store, clock: Clock, { key, value, revision }: Stored<Role>, rules: Role["rules"]): Change =>
  store.collection(roles).put(key, { ...value, rules, "modified-at": rfc3339(clock.now()) }, revision);

const patternOf = (given: string): string => pathPattern(given, "rule", "path");

function kindOf(type = "item-rule"): Kind {
  const kind = kinds.find((each) => ruleTypeOf(each) === type);
  if (kind === undefined)
    throw new UscError("unsupported", "There is no such kind of rule.", { hint: `It is one of ${kinds.map(ruleTypeOf).join(", ")}.` });
  return kind;
}

function wordsOf(given: readonly string[] = []): Rule["capabilities"] {
  const known = [...capabilities, "deny"] as const;
  const words = given.flatMap((each) => each.split(",")).map((each) => each.trim().toLowerCase());
  const found = known.filter((word) => words.includes(word));
  if (found.length === 0 || words.some((word) => !known.some((each) => each === word)))
    throw new UscError("usage", `--capability is not valid: expected one of ${known.join(", ")}.`);
  return found;
}

/** To take a denial away is to give what it denied. */
export function refuseFreeing(rights: Rights | undefined, removed: readonly Rule[]): void {
  const denials = removed.filter((rule) => rule.capabilities.includes("deny"));
  refuseLacking(
    rights,
    denials.map((rule) => ({ ...rule, capabilities: [...capabilities] })),
  );
}

/** Nobody gives what he lacks. A denial is no gift. */
function refuseLacking(rights: Rights | undefined, rules: readonly Rule[]): void {
  if (rights === undefined) return;
  for (const { kind, path, capabilities: words } of rules) {
    for (const word of words) {
      if (word === "deny") continue;
      const has = path.endsWith("/*") ? rights.mayBelow(word, kind, path.slice(0, -2)) : rights.may(word, kind, path);
      if (!has) throw refused(word, kind, path);
    }
  }
}
