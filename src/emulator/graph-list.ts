import { ok, type GraphCall } from "./graph-call.ts";
import { graphErrors } from "./graph-errors.ts";
import { readFilter, type Row } from "./graph-filter.ts";
import type { Answer } from "./room.ts";

const known = new Set(["$filter", "$select", "$top", "$skiptoken", "$count"]);

/**
 * The page of a list that the query asks for. The directory has no order that anybody could rely on: here it is by id. As with
 * Graph a page may be empty and still have a next one.
 */
export function paged(call: GraphCall, context: string, rows: readonly (Row & { id: string })[], standard?: readonly string[]): Answer {
  const { query } = call.ask;
  for (const name of query.keys()) {
    if (name.startsWith("$") && !known.has(name)) throw graphErrors.unsupportedQuery(`the query option '${name}'`);
  }
  const filter = query.get("$filter");
  const found = filter === null ? rows : rows.filter(readFilter(filter));
  const sorted = found.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const marker = readMarker(query.get("$skiptoken"));
  const isEmpty = marker.empties < call.settings.emptyPages;
  const rest = sorted.filter(({ id }) => id > marker.after);
  const shown = isEmpty ? [] : rest.slice(0, readTop(query.get("$top")));
  const last = shown.at(-1)?.id ?? marker.after;
  const next = isEmpty ? link(call, marker.empties + 1, marker.after) : shown.length < rest.length ? link(call, 0, last) : undefined;
  return ok(call, context, {
    ...(query.get("$count") === "true" ? { "@odata.count": found.length } : {}),
    ...(next === undefined ? {} : { "@odata.nextLink": next }),
    value: shown.map((row) => selected(call, row, standard)),
  });
}

/** The properties that `$select` names, or else those that Graph shows by default. */
export function selected(call: GraphCall, row: Row, standard?: readonly string[]): object {
  const given = call.ask.query.get("$select");
  const names = given === null ? standard : given.split(",").map((name) => name.trim());
  if (names === undefined) return row;
  const missing = names.find((name) => !Object.hasOwn(row, name));
  if (missing !== undefined)
    throw graphErrors.badQuery(`Parsing OData Select and Expand failed: Could not find a property named '${missing}'.`);
  const type = Object.entries(row).filter(([name]) => name === "@odata.type");
  return { ...Object.fromEntries(type), ...Object.fromEntries(names.map((name) => [name, row[name]])) };
}

function readTop(given: string | null): number {
  if (given === null) return 100;
  const top = Number(given);
  if (!/^[0-9]{1,4}$/.test(given) || top < 1 || top > 999) {
    throw graphErrors.badQuery(`Invalid page size specified: '${given}'. Must be between 1 and 999 inclusive.`);
  }
  return top;
}

function link({ ask, base }: GraphCall, empties: number, after: string): string {
  const token = Buffer.from(`${empties}!${after}`).toString("base64url");
  const kept = [...ask.query].filter(([name]) => name !== "$skiptoken").map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${base}${ask.path.replace(/^\/+v1\.0/, "")}?${[...kept, `$skiptoken=${token}`].join("&")}`;
}

function readMarker(token: string | null): { empties: number; after: string } {
  if (token === null) return { empties: 0, after: "" };
  const [, empties, after] = /^([0-9]{1,4})!([0-9a-f-]*)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (empties === undefined || after === undefined) throw graphErrors.badQuery("The skip token is invalid.");
  return { empties: Number(empties), after };
}
