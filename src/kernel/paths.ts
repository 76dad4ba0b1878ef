import { UscError } from "./errors.ts";

// Controls, and the marks that turn the reading direction: a name that holds one does not look like what it is.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\\]/u;
const maxLength = 512;
// What nearly every name is: its own normal form.
const plainPath = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/u;

/** The one normal form of an item's, target's or cloud's path: NFC, one leading slash, no empty, `.` or `..` segment. */
export function itemPath(name: string, noun: string): string {
  if (plainPath.test(name) && name.length <= maxLength) return name;
  const path = name.normalize("NFC");
  const segments = path.replace(/^\//u, "").split("/");
  if (unprintable.test(path) || !path.isWellFormed()) throw bad(noun, "it holds a control character, a backslash or an invisible mark");
  if (path.length > maxLength) throw bad(noun, `it is longer than ${maxLength} characters`);
  if (segments.some((segment) => segment === "" || segment === "." || segment === ".."))
    throw bad(noun, "it has an empty, `.` or `..` segment");
  if (segments.some((segment) => segment.trim() !== segment)) throw bad(noun, "a segment begins or ends with a space");
  return `/${segments.join("/")}`;
}

/** Two paths with one fold would look alike to a reader or to a case-blind file system. */
export function pathFold(path: string): string {
  return path.normalize("NFKC").toLowerCase().normalize("NFC");
}

/** The normal form of a pattern: a path, or `/prod/*` for all below it. `usage`, which names the flag, for a star anywhere else. */
export function pathPattern(given: string, noun: string, flag: string): string {
  if (given === "/*" || given === "*") return "/*";
  const [, folder = "", star = ""] = /^(.*?)(\/\*)?$/su.exec(given) ?? [];
  // Also one that only looks like a star: a denial goes by what a path looks like.
  if (pathFold(folder).includes("*")) {
    throw new UscError("usage", `--${flag} is not valid: a * stands alone behind the last slash.`, {
      hint: "For example /prod/kv or /prod/*",
    });
  }
  return `${itemPath(folder, noun)}${star}`;
}

/** Whether a pattern is for this path. */
export const covers = (pattern: string, path: string): boolean =>
  pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;

function bad(noun: string, why: string): UscError {
  return new UscError("usage", `That is no ${noun} name: ${why}.`, { hint: "A name is a path such as /prod/kv." });
}
