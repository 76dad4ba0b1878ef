import { vaultErrors } from "./vault-errors.ts";

const pageLimit = 25;

/** A page of rows that are sorted by their key. The token names the last key, so that rows may come and go between two pages. */
export function page<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  ask: { query: URLSearchParams; url: string; emptyPages: number },
): { rows: T[]; nextLink: string | null } {
  const size = readSize(ask.query.get("maxresults"));
  const token = ask.query.get("$skiptoken");
  const marker = token === null ? { empties: 0 } : readMarker(token);
  const from = marker.after;
  const rest = from === undefined ? rows : rows.filter((row) => keyOf(row) > from);

  const link = (next: Marker): string => nextLink(ask.url, ask.query, next);
  if (marker.empties < ask.emptyPages) {
    return { rows: [], nextLink: link({ ...marker, empties: marker.empties + 1 }) };
  }
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  const isEnd = last === undefined || shown.length === rest.length;
  return { rows: shown, nextLink: isEnd ? null : link({ after: keyOf(last), empties: 0 }) };
}

interface Marker {
  after?: string;
  /** Empty pages already sent at this place. */
  empties: number;
}

function readSize(given: string | null): number {
  if (given === null) return pageLimit;
  const size = Number(given);
  if (!/^[0-9]{1,9}$/.test(given) || size < 1 || size > pageLimit) {
    throw vaultErrors.badParameter(`Invalid maxresults: ${given}. It must be a number from 1 to ${pageLimit}.`);
  }
  return size;
}

/** The service writes api-version first, `$` unencoded, and maxresults only if it was given. */
function nextLink(url: string, query: URLSearchParams, marker: Marker): string {
  const place = `2!${marker.empties}!${marker.after === undefined ? "" : Buffer.from(marker.after).toString("base64url")}`;
  const token = Buffer.from(JSON.stringify({ NextMarker: place, TargetLocation: 0 })).toString("base64url");
  const size = query.get("maxresults");
  return `${url}?api-version=${query.get("api-version") ?? ""}&$skiptoken=${token}${size === null ? "" : `&maxresults=${size}`}`;
}

function readMarker(token: string): Marker {
  const match = /^\{"NextMarker":"2!([0-9]{1,4})!([0-9A-Za-z_-]*)","TargetLocation":0\}$/.exec(Buffer.from(token, "base64url").toString());
  const [, empties, after] = match ?? [];
  if (empties === undefined || after === undefined) throw vaultErrors.badParameter("The value of $skiptoken is not valid.");
  return { empties: Number(empties), ...(after === "" ? {} : { after: Buffer.from(after, "base64url").toString() }) };
}
