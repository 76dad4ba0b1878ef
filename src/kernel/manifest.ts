import { fieldsOf, type Field } from "./fields.ts";
import type { Operation } from "./operation.ts";
import { routeOf } from "./operation.ts";
import { present } from "./present.ts";

/** One command as plain data: made at build time, so that a call loads only the room it needs. */
export interface Command {
  name: string;
  room: string;
  route: string;
  aliases: readonly string[];
  summary: string;
  example: string;
  notes?: string;
  effect: Operation["effect"];
  stream?: string;
  raw?: { field: string; base64: true };
  text?: { field: string; log?: string };
  asks?: true;
  steps?: string;
  fields: readonly Field[];
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
    ...present({ raw: op.raw, text: op.text, asks: op.asks, steps: op.steps }),
    fields: fieldsOf(op.input()),
  }));
}
