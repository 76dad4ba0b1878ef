import * as z from "zod/mini";
import type { Clock } from "../../kernel/clock.ts";
import { count, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import { itemPath } from "../../kernel/paths.ts";
import type { AuditBook, AuditRow } from "./port.ts";
import { sinceOf } from "./since.ts";

const Row = () =>
  z.object({
    id: z.int(),
    time: z.string(),
    operation: z.string(),
    item: z.optional(z.string()),
    object: z.optional(z.string()),
    to: z.optional(z.string()),
    caller: z.string(),
    identity: z.optional(z.string()),
    outcome: z.string(),
    duration_ms: z.optional(z.int()),
    request_id: z.optional(z.string()),
  });

export const list = ({ book, clock }: { book: AuditBook; clock: Clock }) =>
  operation({
    name: "audit list",
    summary: "Lists who did what, when and with which outcome; newest first",
    example: "audit list --since 24h --usc-name /prod/kv -o ndjson",
    notes:
      "Names only, never a value. `outcome` is `ok`, an error's code, or `unknown` where a command was killed or is still at work. `audit verify` says whether the rows can be believed.",
    effect: "read",
    needs: [onSystem("list", "/audit")],
    stream: "entries",
    input: () =>
      z.object({
        since: optionalText("How far back: a time, or a duration such as 90m, 24h or 7d", { placeholder: "TIME|DURATION" }),
        "usc-name": optionalText("Only calls for this connector, target or other item", { short: "n", placeholder: "NAME" }),
        operation: optionalText("Only calls of this command, e.g. `target create azure`", { placeholder: "COMMAND" }),
        limit: count("Stop after so many rows", [1, 1_000_000]),
      }),
    output: () => z.object({ entries: z.array(Row()) }),
    run: async ({ since, "usc-name": name, operation: asked, limit }) => {
      const filter = {
        since: since === undefined ? undefined : sinceOf(since, clock),
        item: name === undefined ? undefined : itemPath(name, "item"),
        operation: asked,
      };
      return { head: {}, pages: upTo(limit ?? Infinity, book.pages(filter)) };
    },
  });

async function* upTo(limit: number, pages: AsyncIterable<AuditRow[]>): AsyncGenerator<AuditRow[]> {
  let left = limit;
  for await (const page of pages) {
    yield page.slice(0, left);
    left -= page.length;
    if (left <= 0) return;
  }
}
