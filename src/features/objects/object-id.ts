import { UscError } from "../../kernel/errors.ts";

/** The version that a flag names, if it does: an adapter would put anything else into a path. */
export function checkVersion(version: string | undefined): void {
  if (version !== undefined && !/^[0-9a-fA-F]{32}$/u.test(version)) {
    throw new UscError("usage", "--version-id is not valid: expected 32 hexadecimal digits.");
  }
}

/** The id of the object itself, from the id of one of its versions. */
export const withoutVersion = (id: string): string => id.replace(/\/[0-9a-f]{32}$/u, "");
