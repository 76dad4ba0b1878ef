import { ok, type GraphCall } from "./graph-call.ts";
import { graphErrors } from "./graph-errors.ts";
import { readFilter } from "./graph-filter.ts";
import type { Shown } from "./graph-shapes.ts";
import type { Answer } from "./room.ts";

/** A row of a list. Of thousands only those on the page are shown whole. */
export interface Row {
  id: string;
  /** One property as `show` has it, or undefined. */
  look(name: string): unknown;
  show(): Shown;
}

const known = new Set(["$filter", "$select", "$top", "$skiptoken", "$count"]);

/**
 * The page of a list that the query asks for. The directory has no order that anybody could rely on: here it is by id. As with
 * Graph a page may be empty and still have a next one.
 */
export function paged(call: GraphCall, context: string, rows: readonly Row[], standard?: readonly string[]): Answer {
  const { query } = call.ask;
  for (const name of query.keys()) {
    if (name.startsWith("$") && !known.has(name)) throw graphErrors.unsupportedQuery(`the query option '${name}'`);
  }
  const filter = query.get("$filter");
  const fits = filter === null ? undefined : readFilter(filter);
  const found = fits === undefined ? rows : rows.filter((row) => fits(row.look));
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
    value: shown.map((row) => selected(call, row.show(), standard)),
  });
}

/** A row that is shown already. */
export function rowOf(shown: Shown): Row {
  return { id: shown.id, look: (name) => (Object.hasOwn(shown, name) ? shown[name] : undefined), show: () => shown };
}

/** The properties that `$select` names, or else those that Graph shows by default. */
export function selected(call: GraphCall, row: Shown, standard?: readonly string[]): object {
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
