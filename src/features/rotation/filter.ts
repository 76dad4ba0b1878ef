import { isCode, UscError } from "../../kernel/errors.ts";
import { atPath } from "../objects/json-path.ts";
import type { Value } from "./value.ts";

/** What jq has as a path of members, and nothing else of it: `.password`, `.target_value.azure_client_secret`; `.` is all. */
const memberPath = /^\.(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?$/u;

/** What is written to a vault: a text bare, anything else as JSON. `usage` for a filter that cannot be read, or leads nowhere. */
export function filtered(value: Value, filter = "."): string {
  if (!memberPath.test(filter)) {
    throw new UscError("usage", "--filter-secret-value is not valid: expected a path of members, such as .password.", {
      hint: "Of jq, usc knows this alone: no pipes, no functions, no brackets.",
    });
  }
  const whole = JSON.stringify(value);
  if (filter === ".") return whole;
  try {
    return atPath(whole, filter.slice(1), "the rotated secret");
  } catch (error) {
    if (!isCode(error, "not_found")) throw error;
    throw new UscError("usage", "--filter-secret-value leads nowhere in the value.", { hint: `There is ${pathsIn(value).join(", ")}.` });
  }
}

function pathsIn(value: object): string[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .flatMap(([name, member]) => [
      `.${name}`,
      ...(typeof member === "object" && member !== null ? pathsIn(member).map((path) => `.${name}${path}`) : []),
    ]);
}
