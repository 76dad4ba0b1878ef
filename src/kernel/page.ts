/** How many records a list answers with at once, as in Akeyless. */
const pageSize = 1000;

/** One page of records ordered by key, and the token that asks for the next: the last key, opaque. */
export function pageOf<T extends { key: string }>(
  records: readonly T[],
  token: string | undefined,
): { page: readonly T[]; next_page: string } {
  const after = token === undefined ? "" : Buffer.from(token, "base64url").toString();
  // By bytes, as the store orders them: JavaScript's own order differs beyond the first 65,536 characters.
  const rest = records.filter((record) => Buffer.compare(Buffer.from(record.key), Buffer.from(after)) > 0);
  const page = rest.slice(0, pageSize);
  const last = page.at(-1);
  return { page, next_page: rest.length > page.length && last ? Buffer.from(last.key).toString("base64url") : "" };
}
