import { UscError } from "../../kernel/errors.ts";

/** What narrows an access at Akeyless, and not here: to pass it over would give more than was meant. What says nothing is passed over. */
export function refuseNarrowing(given: Readonly<Record<string, unknown>>): void {
  const narrowing = Object.entries(given).find(([, value]) =>
    typeof value === "object" ? Object.keys(value ?? {}).length > 0 : Boolean(value),
  );
  if (narrowing === undefined) return;
  throw new UscError("unsupported", `The gateway cannot narrow an access by --${narrowing[0]}, so it does not give it at all.`, {
    hint: "Leave it out, and narrow what the role's rules allow.",
  });
}
