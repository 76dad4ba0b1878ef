import { UscError } from "../../kernel/errors.ts";
import type { Target } from "../targets/model.ts";

export interface GivenPlace {
  "explicitly-set-sa"?: boolean | undefined;
  "resource-group-name"?: string | undefined;
  "resource-name"?: string | undefined;
}

/** The path of a storage account at Azure Resource Manager: as it was given, or as its target has it. */
export function storagePlace(given: GivenPlace, target: Target): string {
  const isGiven = given["explicitly-set-sa"] === true;
  if (!isGiven && (given["resource-group-name"] ?? given["resource-name"]) !== undefined) {
    throw new UscError("usage", "--resource-group-name and --resource-name count only with --explicitly-set-sa true.", {
      hint: "Without it the storage account is the target's.",
    });
  }
  const from = isGiven ? given : target;
  const field = (name: "resource-group-name" | "resource-name", form: RegExp): string => {
    const value = from[name];
    if (value === undefined && isGiven) throw new UscError("usage", `--${name} is missing: --explicitly-set-sa true needs both.`);
    if (value === undefined) throw lacks(target, name);
    if (form.test(value)) return value;
    throw new UscError("usage", isGiven ? `--${name} is not valid.` : `The --${name} of the target ${target.name} is not valid.`, {
      hint: "A storage account has 3 to 24 small letters and digits; a resource group letters, digits and -_.()",
    });
  };
  const group = field("resource-group-name", /^[\p{L}\p{N}_\-.()]{0,89}[\p{L}\p{N}_\-()]$/u);
  const account = field("resource-name", /^[a-z0-9]{3,24}$/u);
  const subscription = target["subscription-id"];
  if (subscription === undefined) throw lacks(target, "subscription-id");
  return `/subscriptions/${subscription}/resourceGroups/${encodeURIComponent(group)}/providers/Microsoft.Storage/storageAccounts/${account}`;
}

const lacks = ({ name }: Target, field: string): UscError =>
  new UscError("usage", `The target ${name} has no --${field}, and so no storage account.`, {
    hint: `usc target update azure --name ${name} --${field} ...`,
  });
