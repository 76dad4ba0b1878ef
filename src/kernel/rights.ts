import { UscError } from "./errors.ts";
import { covers, itemPath, pathFold } from "./paths.ts";

/**
 * Terminology
 *   capability  what may be done: `reveal` is to see a stored identity's secret
 *   kind        whose names a path is among: items (connectors), targets, or the parts of usc itself: `/access`, `/audit`, `/clouds`, `/duties`, `/events`,
 *               `/identity`, `/state`
 *   need        a capability that a call must have on something that its input names
 *   rule        what a role allows, or denies, on a path: `/prod/kv`, or `/prod/*` for all below
 */
export const capabilities = ["read", "list", "create", "update", "delete", "reveal"] as const;
export type Capability = (typeof capabilities)[number];

export const kinds = ["item", "target", "system"] as const;
export type Kind = (typeof kinds)[number];

export interface Need {
  capability: Capability;
  kind: Kind;
  /** The field of the input that holds the path; where it is optional and not given, nothing is needed. */
  of?: string;
  /** The path itself, for what is always the same. */
  at?: string;
  /** Only when this field is given, or is true (with `is`: when it is one of these); or only when it is not given. */
  when?: string;
  is?: readonly string[];
  unless?: string;
  /** On all that lies below the path as well. */
  below?: true;
}

export interface Rule {
  kind: Kind;
  path: string;
  capabilities: readonly (Capability | "deny")[];
}

export interface Rights {
  may(capability: Capability, kind: Kind, path: string): boolean;
  /** On a folder and on all that lies below it, now or later. */
  mayBelow(capability: Capability, kind: Kind, path: string): boolean;
}

/** Of the caller of the call that is under way; the user of this machine may all. For what no field of the input names: rows of a list, who uses a target. */
export type May = Rights["may"];

export const onItem = (capability: Capability, of = "usc-name"): Need => ({ capability, kind: "item", of });
export const onTarget = (capability: Capability, of = "name"): Need => ({ capability, kind: "target", of });
export const onSystem = (capability: Capability, at: string): Need => ({ capability, kind: "system", at });

/**
 * What stands at another path is under other rules: there its mover, or a friend of his, might do what he may not do here. So who moves something may
 * do all with it where it stands. `to` is the field with the new path.
 */
export const onMoved = (kind: Kind, of: string, to: string): Need[] => [
  ...capabilities.filter((each) => each !== "reveal" || kind === "target").map((capability): Need => ({ capability, kind, of, when: to })),
  { capability: "create", kind, of: to },
];

/**
 * What rules allow. One that denies wins, whatever allows; what no rule allows is denied. A path that only looks like a denied one is denied (`pathFold`),
 * and one that only looks like an allowed one is not allowed.
 */
export function rightsOf(rules: readonly Rule[]): Rights {
  const some = (kind: Kind, capability: Capability | "deny", meant: (rule: string) => boolean): boolean =>
    rules.some((rule) => rule.kind === kind && rule.capabilities.includes(capability) && meant(rule.path));
  return {
    may: (capability, kind, path) =>
      some(kind, capability, (rule) => covers(rule, path)) && !some(kind, "deny", (rule) => covers(pathFold(rule), pathFold(path))),
    mayBelow: (capability, kind, path) =>
      some(kind, capability, (rule) => rule.endsWith("/*") && covers(rule, `${path}/`)) &&
      !some(kind, "deny", (rule) => covers(pathFold(rule), `${pathFold(path)}/`) || pathFold(rule).startsWith(`${pathFold(path)}/`)),
  };
}

/** Throws `gateway_forbidden` unless the caller has all that the call needs. */
export function refuseWithout(rights: Rights, needs: readonly Need[], input: Readonly<Record<string, unknown>>): void {
  for (const need of needs) {
    const { capability, kind, of, at, below } = need;
    const named = of === undefined ? at : input[of];
    if (typeof named !== "string" || !isMeant(need, input)) continue;
    const path = itemPath(named, kind);
    if (!rights.may(capability, kind, path) || (below === true && !rights.mayBelow(capability, kind, path)))
      throw refused(capability, kind, path);
  }
}

function isMeant({ when, is, unless }: Need, input: Readonly<Record<string, unknown>>): boolean {
  if (unless !== undefined && isGiven(input[unless])) return false;
  if (when === undefined) return true;
  return is === undefined ? isGiven(input[when]) : is.includes(String(input[when]));
}

const isGiven = (value: unknown): boolean => value === true || typeof value === "string";

export const refused = (capability: Capability, kind: Kind, path: string): UscError =>
  new UscError("gateway_forbidden", `Your roles do not allow "${capability}" on the ${kind} ${path}.`, {
    hint: "Whoever keeps the roles can give one a rule for this path: `usc set-role-rule`.",
  });
