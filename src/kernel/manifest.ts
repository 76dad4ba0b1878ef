import { declarationOf, type Declaration, type Operation, type Raw, routeOf } from "./operation.ts";
import { present } from "./present.ts";

/** One command as plain data: made at build time, so that a call loads only the room it needs. */
export interface Command extends Declaration {
  name: string;
  room: string;
  route: string;
  aliases: readonly string[];
  /** Further routes. */
  legacyRoutes?: readonly string[];
  bare?: string;
  printed?: string;
  /** No gateway serves it: only the user of this machine may. */
  local?: true;
  /** Also for who has no token yet. */
  open?: true;
  summary: string;
  example: string;
  notes?: string;
  effect: Operation["effect"];
  stream?: string;
  raw?: Raw;
  text?: { field: string; log?: string };
  asks?: true;
  fromProfile?: true;
  steps?: string;
  oneThing?: true;
}

export type Manifest = readonly Command[];

export function commandsOf(room: string, operations: readonly Operation[]): Command[] {
  return operations.map((op) => ({
    name: op.name,
    room,
    route: routeOf(op),
    aliases: op.aliases ?? [],
    summary: op.summary,
    example: op.example,
    ...(op.notes === undefined ? {} : { notes: op.notes }),
    effect: op.effect,
    ...(op.stream === undefined ? {} : { stream: op.stream }),
    ...present({ raw: op.raw, text: op.text, asks: op.asks, fromProfile: op.fromProfile, steps: op.steps, oneThing: op.oneThing }),
    ...present({ legacyRoutes: op.legacyRoutes, bare: op.bare, printed: op.printed }),
    ...(op.needs === undefined ? { local: true as const } : {}),
    ...(op.needs === "nothing" ? { open: true as const } : {}),
    ...declarationOf(op),
  }));
}

/** All commands, of which a call needs one: the others are not even parsed. */
export interface Catalogue {
  /** By its words or another name of it. */
  named(words: string): Command | undefined;
  all(): Manifest;
}

/** `rows`: a command each, as JSON, in the order of `Command`'s members. */
export function catalogueOf(rows: readonly string[]): Catalogue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own build wrote it; checking it again would cost every call
  const parsed = (row: string): Command => JSON.parse(row) as Command;
  return {
    named(words) {
      const mark = JSON.stringify(words);
      for (const row of rows) {
        if (!row.slice(0, row.indexOf('"summary"')).includes(mark)) continue;
        const command = parsed(row);
        if (command.name === words || command.aliases.includes(words)) return command;
      }
      return undefined;
    },
    all: () => rows.map(parsed),
  };
}
