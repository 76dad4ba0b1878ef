import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import type { Duty } from "../../kernel/duty.ts";
import { operation } from "../../kernel/operation.ts";
import { present } from "../../kernel/present.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { settingFields } from "./inputs.ts";
import { standing } from "./standing.ts";

const states = ["running", "failing", "due", "waiting", "idle"] as const;

export const list = (deps: Deps) =>
  operation({
    name: "duty list",
    summary: "Lists the work that falls due: what it is, when it is next, and how it ended last",
    example: "duty list -o table",
    notes:
      "`failing`: it is tried again at `next`. `idle`: it has nothing to wait for. What is due is done by a running gateway, or by `usc duty run`.",
    effect: "read",
    needs: [onSystem("list", "/duties")],
    input: () => z.object(settingFields()),
    output: () =>
      z.object({
        duties: z.array(
          z.object({
            name: z.string(),
            state: z.enum(states),
            next: z.optional(z.string()),
            last_began: z.optional(z.string()),
            last_ended: z.optional(z.string()),
            last_outcome: z.optional(z.string()),
            detail: z.optional(z.string()),
            failures: z.int(),
            holder: z.optional(z.string()),
            summary: z.string(),
          }),
        ),
      }),
    run: async (settings) => {
      const all = await deps.duties(settings);
      return { duties: await Promise.all(all.map((duty) => rowOf(deps, duty))) };
    },
  });

async function rowOf(deps: Deps, duty: Duty) {
  const { found, holder: runner, due: next } = await standing(deps, duty);
  const now = deps.clock.now();
  const { began, ended, outcome, detail, failures = 0, holder } = found?.value ?? {};
  // Of a run that is under way, nothing is known yet but its beginning.
  const last = runner !== undefined ? {} : { last_ended: ended === undefined ? undefined : rfc3339(ended), last_outcome: outcome, detail };
  return present({
    name: duty.name,
    state: runner !== undefined ? ("running" as const) : stateOf(next, now, failures),
    next: next === undefined ? undefined : rfc3339(Math.max(next, now)),
    last_began: began === undefined ? undefined : rfc3339(began),
    ...last,
    failures,
    holder,
    summary: duty.summary,
  });
}

function stateOf(next: number | undefined, now: number, failures: number): (typeof states)[number] {
  if (failures > 0) return "failing";
  if (next === undefined) return "idle";
  return next <= now ? "due" : "waiting";
}
