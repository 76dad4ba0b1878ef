import { randomInt } from "node:crypto";
import type { PasswordPolicy } from "../../features/rotation/model.ts";

const sorts = [
  ["capitals", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
  ["lower", "abcdefghijklmnopqrstuvwxyz"],
  ["numbers", "0123456789"],
  // What Entra takes, and no quoted text of a shell, of JSON or of a connection string takes apart.
  ["special", "!#%*+-.:=?@^_~"],
] as const;

/**
 * A password in which each sort of the policy stands, and the user's name does not, if it has three characters. One that falls short is thrown away whole:
 * to mend it would make some passwords likelier than others.
 */
export function newPassword(policy: PasswordPolicy, user: string): string {
  const wanted = sorts.flatMap(([sort, characters]) => (policy[sort] ? [characters] : []));
  const all = wanted.join("");
  const name = user.split("@", 1)[0]?.toLowerCase() ?? "";
  for (;;) {
    const password = Array.from({ length: policy.length }, () => all.charAt(randomInt(all.length))).join("");
    const isWhole = wanted.every((characters) => [...characters].some((each) => password.includes(each)));
    if (isWhole && (name.length < 3 || !password.toLowerCase().includes(name))) return password;
  }
}
