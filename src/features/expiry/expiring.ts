import * as z from "zod/mini";
import { stepRow } from "../../kernel/check.ts";
import { rfc3339 } from "../../kernel/clock.ts";
import { dayMs, durationOf } from "../../kernel/duration.ts";
import { UscError } from "../../kernel/errors.ts";
import { optionalText, pairs } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import { wantedBy } from "../objects/find.ts";
import { limits, patientLimitsOf, search, uscName } from "../objects/inputs.ts";
import { type Dated, isDated, typeOf } from "./dated.ts";
import type { Deps } from "./deps.ts";

export const expiring = ({ adapter, clock, openVault }: Deps) =>
  operation({
    name: "expiring",
    route: "usc-expiring",
    summary: "Finds secrets and certificates that expire soon, or have expired",
    example: "expiring --usc-name /prod/kv --within 30d --junit expiring.xml",
    notes:
      "Exit 0 if there are none, 10 if something is found; soonest first. A certificate is found by the secret behind it, which has the same date. Key Vault serves expired secrets all the same. --junit has a test case for each secret with a date.",
    effect: "read",
    needs: [onItem("list")],
    steps: "steps",
    input: () =>
      z.object({
        "usc-name": uscName(),
        within: optionalText("How soon, such as 12h or 30d (default: 30d); 0d finds what has expired", { placeholder: "DURATION" }),
        search: search(),
        tag: pairs("Only secrets with this tag; may be repeated"),
        ...limits(),
      }),
    output: () =>
      z.object({
        expiring: z.array(
          z.object({
            name: z.string(),
            secret_id: z.string(),
            object_type: z.enum(["secret", "certificate"]),
            expiration: z.string(),
            expired: z.boolean(),
            /** Whole days; below zero when it is past. */
            days_left: z.int(),
            status: z.boolean(),
          }),
        ),
        /** Of what was looked at, also what has no date. */
        checked: z.int(),
        steps: z.array(stepRow()),
      }),
    run: async (input) => {
      const within = durationOf(input.within ?? "30d", "within");
      const vault = await openVault(input["usc-name"], patientLimitsOf(clock, input));
      const isWanted = wantedBy({ search: input.search, tags: input.tag, managed: true });
      const now = clock.now();
      const dated: Dated[] = [];
      let checked = 0;
      for await (const { items } of adapter.pages(vault)) {
        const wanted = items.filter(isWanted);
        checked += wanted.length;
        dated.push(...wanted.filter(isDated));
      }
      dated.sort((a, b) => a.expires - b.expires);
      const found = dated.filter(({ expires }) => expires <= now + within);
      const answer = { expiring: found.map((item) => row(item, now)), checked, steps: dated.map((item) => step(item, now, within)) };
      if (found.length === 0) return answer;
      const expired = answer.expiring.filter((one) => one.expired).length;
      const soon = found.length - expired;
      const parts = [...(expired > 0 ? [`${expired} expired`] : []), ...(soon > 0 ? [`${soon} about to expire`] : [])];
      throw new UscError("changes", `In ${vault.url}: ${parts.join(", ")}.`, { answer });
    },
  });

const row = (item: Dated, now: number) => ({
  name: item.name,
  // The secret behind a certificate bears its name.
  secret_id: item.managed ? item.id.replace("/secrets/", "/certificates/") : item.id,
  object_type: typeOf(item),
  expiration: rfc3339(item.expires),
  expired: item.expires <= now,
  days_left: Math.floor((item.expires - now) / dayMs),
  status: item.enabled,
});

function step(item: Dated, now: number, within: number) {
  const verb = item.expires <= now ? "expired" : "expires";
  return {
    step: item.name,
    status: item.expires <= now + within ? ("failed" as const) : ("ok" as const),
    ms: 0,
    detail: `It ${verb} at ${rfc3339(item.expires)}.`,
  };
}
