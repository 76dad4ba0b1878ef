import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Noun } from "../../src/features/objects/port.ts";
import { azureHouse, type AzureHouse } from "../support/azure-house.ts";
import { certificateDesk } from "../support/certificate-desk.ts";
import { certificateFor } from "../support/test-certificates.ts";
import { type Expected, nothing, steps } from "./object-model.ts";

/** A certificate takes its time, and behaves as a secret does: it has fewer runs. */
const runs = { secret: 300, certificate: 100 };
let house: AzureHouse;
let commands = 0;
beforeAll(async () => void (house = await azureHouse()));
afterAll(() => console.log(`objects: ${runs.secret + runs.certificate} model runs, ${commands} commands`));

/** What may come between, at one request of a command. */
const faults: Readonly<Record<string, object>> = {
  "429": { status: 429 },
  "429 for ever": { status: 429, times: 1000 },
  "500": { status: 500 },
  "500 done": { status: 500, takes_effect: true },
  reset: { reset: "before" },
  "reset done": { reset: "after" },
  cut: { cut: 7 },
  garbage: { body: "<html>" },
  "down for ever": { drop: "before", times: 1000 },
};

const step = fc.record({
  on: fc.constantFrom("a", "b"),
  act: fc.constantFrom(...Object.keys(steps)),
  fault: fc.option(fc.record({ is: fc.constantFrom(...Object.keys(faults)), skip: fc.nat(4) }), { nil: undefined }),
});

it.each(["secret", "certificate"] as const)(
  "whatever a user does, and whatever goes wrong meanwhile, a %s stands as the model says",
  async (noun) => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 9 }), async (sequence) => {
        run += 1;
        const model = new Map<string, Expected>();
        for (const [index, { on, act, fault }] of sequence.entries()) {
          commands += 1;
          const name = `${noun}-${run}-${on}`;
          model.set(on, await take(noun, act, name, `value ${index}`, model.get(on) ?? nothing, fault));
        }
        // Time heals: what was cut off for good does not come back.
        house.clock.leap(200_000);
        for (const [on, expected] of model) expect(await seen(noun, `${noun}-${run}-${on}`)).toEqual(shown(expected));
      }),
      { numRuns: runs[noun] },
    );
  },
);

/** One step on one name, held to the model. Gives what the name is from there on. */
async function take(
  noun: Noun,
  act: string,
  name: string,
  value: string,
  from: Expected,
  fault?: { is: string; skip: number },
): Promise<Expected> {
  const { command, input, course, done } = steps[act] as (typeof steps)[string];
  const asked = input(name, value);
  const given = noun === "certificate" && "value" in asked ? { ...asked, value: certificateFor(value).pem } : asked;
  if (fault !== undefined) await house.control("POST", "/faults", { path: `/*${noun}s*`, skip: fault.skip, ...faults[fault.is] });
  const { code, error } = await house.call(command, {
    ...given,
    "object-type": noun,
    timeout: 30,
  });
  if (fault !== undefined) await house.control("DELETE", "/faults");
  const foreseen = course(from, value);
  const [ends, stands] = "refused" in foreseen ? [foreseen.refused, [from]] : ["ok", foreseen.course];
  const told = `${act} of ${shown(from)}: ${code} ${String(error)}`;
  const goesOn = command === "delete" && from.mayBeDeleting === true ? ["ok", "unavailable"] : [];
  const lost = fault === undefined ? [] : ["unavailable", ...(done === from.is ? ["ok"] : [])];
  const codes: readonly string[] = [ends, ...goesOn, ...lost];
  expect(codes, told).toContain(code);
  const possible = code === "unavailable" ? stands : stands.slice(-1);
  const now = await seen(noun, name);
  expect(possible.map(shown), told).toContain(now);
  const found = possible.find((candidate) => shown(candidate) === now) ?? nothing;
  const cutOff = code === "unavailable" && act.includes("delete");
  const seenThrough = code === "ok" && ["delete", "recover", "purge"].includes(command);
  return { ...found, mayBeDeleting: cutOff || (from.mayBeDeleting === true && !seenThrough) };
}

const shown = ({ is, values }: Expected): string => (is === "live" ? `live ${values.at(-1)}, ${values.length} versions` : is);

async function seen(noun: Noun, name: string): Promise<string> {
  const { is, versions } = await (noun === "secret" ? house : certificateDesk(house)).look(name);
  return is.startsWith("live") ? `${is}, ${versions} versions` : is;
}
