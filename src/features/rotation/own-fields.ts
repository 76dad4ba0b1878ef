import { UscError } from "../../kernel/errors.ts";
import type { RotatorType } from "./model.ts";
import { policyNames } from "./password-policy.ts";

/** What one rotator alone knows, of creations and updates alike. */
const own = {
  "api-key": ["app-id", "api-id", "api-key"],
  target: [],
  password: ["username", "password", ...policyNames],
  "azure-storage-account": ["storage-account-key-name", "explicitly-set-sa", "resource-group-name", "resource-name"],
} as const satisfies Readonly<Record<RotatorType, readonly string[]>>;

type OwnField = (typeof own)[RotatorType][number];

/** Akeyless' clients send it whatever their user has said. */
const unsaid: Partial<Record<OwnField, unknown>> = { "explicitly-set-sa": false };

/** Refuses what belongs to another rotator. */
export function requireOwn(type: RotatorType, given: { readonly [F in OwnField]?: unknown }): void {
  for (const [kind, names] of Object.entries(own)) {
    const foreign = kind === type ? undefined : names.find((name) => given[name] !== undefined && given[name] !== unsaid[name]);
    if (foreign !== undefined) throw new UscError("usage", `--${foreign} does not belong to --rotator-type ${type}.`);
  }
}
