import * as z from "zod/mini";
import { checkOf, concluded, stepRow } from "../../kernel/check.ts";
import { UscError } from "../../kernel/errors.ts";
import { operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { limits, objectType, patientLimitsOf, uscName } from "./inputs.ts";
import { waitMs } from "./lifecycle.ts";
import { firstPage } from "./list.ts";
import type { ObjectAdapter, Vault } from "./port.ts";
import { announceProbe, removeProbe, sweepProbes } from "./probe.ts";

export const validate = (deps: Deps) =>
  operation({
    name: "validate",
    route: "usc-validate",
    aliases: ["usc-validate"],
    summary: "Runs list, create, get, update and delete through a connector, and cleans up",
    example: "validate --usc-name /prod/kv --junit validate.xml",
    notes: "With a secret of its own, whose name no other check uses. The exit is that of the step that failed; --junit is for CI.",
    effect: "write",
    steps: "steps",
    input: () => z.object({ "usc-name": uscName(), "object-type": objectType(), ...limits() }),
    output: () =>
      z.object({
        status: z.enum(["ok", "failed"]),
        secret_name: z.string(),
        steps: z.array(stepRow()),
        removed: z.optional(z.array(z.string())),
        stays: z.optional(z.string()),
      }),
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], patientLimitsOf(deps.clock, input));
      const name = `usc-validate-${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
      const resume = `usc validate --usc-name ${vault.connector.name}`;
      const removed = await sweepProbes(deps, vault, resume).catch((error: unknown) => {
        if (!(error instanceof UscError) || error.code === "interrupted") throw error;
        deps.steps.warn(`What an earlier check left could not be removed. ${error.message}`);
        return [];
      });
      const { check, stays } = await fiveSteps(deps, vault, name, resume);
      return concluded(check, {
        status: check.failure ? "failed" : "ok",
        secret_name: name,
        steps: check.rows,
        ...(removed.length > 0 ? { removed } : {}),
        ...(stays === undefined ? {} : { stays }),
      } as const);
    },
  });

async function fiveSteps(deps: Deps, vault: Vault, name: string, resume: string) {
  const { adapter, clock, steps } = deps;
  const check = checkOf(clock);
  const at = (done: string): void => steps.at({ doing: "Checking", done, resume });
  let stays: string | undefined;
  let created = false;
  await check.step("list", async () =>
    (await firstPage(adapter.pages(vault, { size: 1 }))).items.length > 0 ? "The vault has secrets." : "The vault is empty.",
  );
  await check.step("create", async () => {
    at("Nothing was written.");
    await announceProbe(deps, vault, name, clock.now() + waitMs);
    created = true;
    await adapter.set(vault, name, { value: "one", tags: { createdBy: "usc-validate" } });
    return undefined;
  });
  await check.step("get", () => expectValue(adapter, vault, name, "one"));
  await check.step("update", async () => {
    await adapter.set(vault, name, { value: "two", tags: { createdBy: "usc-validate" } });
    return expectValue(adapter, vault, name, "two");
  });
  const remove = async (): Promise<string | undefined> => (stays = await removeProbe(deps, vault, name, resume));
  await check.step("delete", remove);
  // What a failed step has left behind goes too, as far as Key Vault lets it; the journal keeps the rest for the next check.
  if (check.failure?.code === "interrupted" && created) await announceProbe(deps, vault, name, clock.now());
  else if (created && check.rows.at(-1)?.status === "skipped") await remove().catch(() => {});
  return { check, stays };
}

export async function expectValue(adapter: ObjectAdapter, vault: Vault, name: string, value: string): Promise<undefined> {
  const { value: found } = await adapter.get(vault, name);
  if (found !== value)
    throw new UscError("conflict", `${name} does not hold what was written to it.`, { hint: "Somebody else writes to this name." });
}
