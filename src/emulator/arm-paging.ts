import { armErrors } from "./arm-errors.ts";

/**
 * A page of rows that are sorted by their key. As in Azure the end is a page without a nextLink, and as a rule an empty one: a list
 * of one vault takes two requests.
 */
export function armPage<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  ask: { query: URLSearchParams; url: string; emptyPages: number },
): { value: T[]; nextLink?: string } {
  const marker = readMarker(ask.query.get("$skiptoken"));
  const top = readTop(ask.query.get("$top"));
  const link = (empties: number, after: string): string => {
    const token = Buffer.from(`${empties}!${after}`).toString("base64url");
    const given = [...ask.query].filter(([name]) => name !== "api-version" && name !== "$skiptoken");
    const rest = [...given, ["$skiptoken", token]].map((pair) => `&${pair.map(encodeURIComponent).join("=")}`).join("");
    return `${ask.url}?api-version=${ask.query.get("api-version") ?? ""}${rest}`;
  };
  if (marker.empties < ask.emptyPages) return { value: [], nextLink: link(marker.empties + 1, marker.after) };
  const shown = rows.filter((row) => keyOf(row) > marker.after).slice(0, top);
  const last = shown.at(-1);
  return last === undefined ? { value: [] } : { value: shown, nextLink: link(0, keyOf(last)) };
}

function readTop(given: string | null): number {
  if (given === null) return 1_000;
  if (!/^[1-9][0-9]{0,5}$/.test(given)) throw armErrors.badTop(given);
  return Number(given);
}

function readMarker(token: string | null): { empties: number; after: string } {
  if (token === null) return { empties: 0, after: "" };
  const [, empties, after] = /^([0-9]{1,4})!(.*)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (empties === undefined || after === undefined) throw armErrors.badSkipToken();
  return { empties: Number(empties), after };
}
