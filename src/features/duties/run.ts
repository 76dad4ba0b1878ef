import * as z from "zod/mini";
import type { Duty } from "../../kernel/duty.ts";
import { errorDocument, isCode, outcomes, UscError } from "../../kernel/errors.ts";
import { flag, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { settingFields } from "./inputs.ts";
import { standing, stateOf } from "./standing.ts";
import { takeTurn } from "./turn.ts";

const Row = () =>
  z.object({
    name: z.string(),
    outcome: z.enum(["not_due", "busy", "ok", ...Object.keys(outcomes)] as [string, ...string[]]),
    detail: z.optional(z.string()),
  });
type Row = z.infer<ReturnType<typeof Row>>;

export const run = (deps: Deps) =>
  operation({
    name: "duty run",
    summary: "Does once what falls due: all duties that are due, or one",
    example: "duty run",
    notes:
      "For cron and systemd timers, where no gateway runs; beside one it does no harm, since a duty is run by one process at a time. A duty given by --name runs though it is not due, unless --if-due. Exit 9 if one of several failed.",
    effect: "write",
    needs: [onSystem("update", "/duties"), { ...onSystem("delete", "/audit"), when: "audit-retention" }],
    input: () =>
      z.object({
        name: optionalText("Only this duty, also if it is not due", { short: "n" }),
        "if-due": flag("With --name: only if it is due"),
        ...settingFields(),
      }),
    output: () => z.object({ duties: z.array(Row()) }),
    run: async ({ name, "if-due": ifDue, ...settings }) => {
      const all = await deps.duties(settings);
      const stop = deps.steps.stopping();
      if (name !== undefined) return { duties: [await runOne(deps, named(all, name), stop, ifDue === true ? "if due" : "in any case")] };
      const look = (duty: Duty): Promise<Row> => runOne(deps, duty, stop, "if due").catch((error: unknown) => failedRow(duty, error));
      const first = await Promise.all(all.map(async (duty) => ({ duty, row: await look(duty) })));
      // Once more: what one duty has made due for another, events above all, would wait for cron's next turn.
      const rows = await Promise.all(
        first.map(async ({ duty, row }) => {
          if (stop.aborted || !["ok", "not_due"].includes(row.outcome)) return row;
          const again = await look(duty);
          return ["not_due", "busy"].includes(again.outcome) ? row : again;
        }),
      );
      const failed = rows.filter(({ outcome }) => !["ok", "not_due", "busy"].includes(outcome));
      if (failed.length === 0) return { duties: rows };
      const names = failed.map((row) => row.name).join(", ");
      throw new UscError(stop.aborted ? "interrupted" : "partial", `Of ${rows.length} duties ${failed.length} failed: ${names}.`, {
        hint: "They are tried again later; `usc duty list` says when, and why they failed.",
        answer: { duties: rows },
      });
    },
  });

async function runOne(deps: Deps, duty: Duty, stop: AbortSignal, when: "if due" | "in any case"): Promise<Row> {
  const { name } = duty;
  const { found, holder, due = Infinity } = await standing(deps, duty);
  const busy = (by: string): Row => {
    if (when === "if due") return { name, outcome: "busy", detail: `${by} runs it.` };
    throw new UscError("conflict", `The duty ${name} is under way: ${by} runs it.`, {
      hint: "`usc duty list` says when it has ended.",
    });
  };
  if (holder !== undefined) return busy(holder);
  if (when === "if due" && due > deps.clock.now()) return { name, outcome: "not_due" };
  try {
    return { name, outcome: "ok", detail: await takeTurn(deps, duty, found, stop) };
  } catch (error) {
    const after = await stateOf(deps, name);
    // Somebody else was faster, or has taken over: it is done all the same.
    if (isCode(error, "conflict") && after !== undefined && after.value.holder !== deps.holder) return busy(after.value.holder);
    throw error;
  }
}

const failedRow = ({ name }: Duty, error: unknown): Row => {
  const { code, error: detail } = errorDocument(error);
  return { name, outcome: code, detail };
};

function named(all: readonly Duty[], name: string): Duty {
  const found = all.find((duty) => duty.name === name);
  if (found) return found;
  throw new UscError("not_found", "There is no duty of that name.", { hint: `There are ${all.map((duty) => duty.name).join(", ")}.` });
}
