import { UscError } from "../../kernel/errors.ts";
import { count, flag } from "../../kernel/fields.ts";
import type { PasswordPolicy, RotatedSecret } from "./model.ts";

const sorts = ["capital-letters", "lower-letters", "numbers", "special-characters"] as const;
type Sort = (typeof sorts)[number];
type Field = `password-policy-contains-${Sort}`;

/** Of create and update alike. */
export const policyFields = () => {
  const sort = (name: Sort) =>
    flag(`Whether generated passwords hold ${name.replace("-", " ")} (default: true)`, { aliases: [`use-${name}`] });
  return {
    "password-length": count("Characters of generated passwords (default: 24)", [8, 256]),
    "password-policy-contains-capital-letters": sort("capital-letters"),
    "password-policy-contains-lower-letters": sort("lower-letters"),
    "password-policy-contains-numbers": sort("numbers"),
    "password-policy-contains-special-characters": sort("special-characters"),
  };
};

export const policyNames = [
  "password-length",
  "password-policy-contains-capital-letters",
  "password-policy-contains-lower-letters",
  "password-policy-contains-numbers",
  "password-policy-contains-special-characters",
] as const;
export type GivenPolicy = { "password-length"?: number | undefined } & { [F in Field]?: boolean | undefined };

const usual: PasswordPolicy = { length: 24, capitals: true, lower: true, numbers: true, special: true };

/** Entra wants three of the four sorts. */
const fewest = 3;

export function policyFrom(given: GivenPolicy, before: PasswordPolicy = usual): PasswordPolicy {
  const policy = {
    length: given["password-length"] ?? before.length,
    capitals: given["password-policy-contains-capital-letters"] ?? before.capitals,
    lower: given["password-policy-contains-lower-letters"] ?? before.lower,
    numbers: given["password-policy-contains-numbers"] ?? before.numbers,
    special: given["password-policy-contains-special-characters"] ?? before.special,
  };
  const { length: _, ...used } = policy;
  if (Object.values(used).filter(Boolean).length >= fewest) return policy;
  throw new UscError("usage", "The policy leaves fewer than three sorts of characters, and Entra takes no such password.", {
    hint: "Leave out one of the --password-policy-contains-... flags.",
  });
}

/** An item's policy after what was given. */
export const policyOf = ({ "rotator-type": type, policy }: Pick<RotatedSecret, "rotator-type" | "policy">, given: GivenPolicy) =>
  type === "password" ? policyFrom(given, policy) : undefined;

/** In Akeyless' words. */
export const policyView = ({ length, capitals, lower, numbers, special }: PasswordPolicy) => ({
  password_length: length,
  use_capital_letters: capitals,
  use_lower_letters: lower,
  use_numbers: numbers,
  use_special_characters: special,
});
