import { optionalText } from "./fields.ts";

/** How many records a list answers with at once, as in Akeyless. */
const pageSize = 1000;

/** One page of records ordered by key, and the token that asks for the next: the last key, opaque. `filter`: a part of the key, whatever its case. */
export function pageOf<T extends { key: string }>(
  records: readonly T[],
  token: string | undefined,
  filter = "",
): { page: readonly T[]; next_page: string } {
  const after = token === undefined ? "" : Buffer.from(token, "base64url").toString();
  // By bytes, as the store orders them: JavaScript's own order differs beyond the first 65,536 characters.
  const rest = records.filter(
    ({ key }) => key.toLowerCase().includes(filter.toLowerCase()) && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0,
  );
  const page = rest.slice(0, pageSize);
  const last = page.at(-1);
  return { page, next_page: rest.length > page.length && last ? Buffer.from(last.key).toString("base64url") : "" };
}

/** Asks for the page behind one. */
export const pageToken = () => optionalText("Goes on from `next_page`", { placeholder: "TOKEN" });

/** What part of a list of records is asked for. */
export const paging = () => ({ filter: optionalText("Part of the name, whatever its case"), "pagination-token": pageToken() });
