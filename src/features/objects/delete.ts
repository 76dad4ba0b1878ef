import * as z from "zod/mini";
import { isCode, UscError } from "../../kernel/errors.ts";
import { flag } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { limits, objectType, patientLimitsOf, secretId, uscName } from "./inputs.ts";
import { deleteForGood, type Lifecycle, softDelete } from "./lifecycle.ts";
import { typeFlag, type Noun, type Vault } from "./port.ts";
import { lifeOf } from "./shelf.ts";

export const remove = (deps: Deps) =>
  operation({
    name: "delete",
    route: "usc-delete",
    aliases: ["usc-delete", "esm-delete"],
    legacyRoutes: ["esm-delete"],
    summary: "Deletes a secret or certificate; Key Vault keeps it recoverable",
    example: "delete --usc-name /prod/kv --secret-id db-password",
    notes:
      "Waits until Key Vault shows it as deleted. --force-delete also purges it, now or if it was deleted before, and waits until its name is free; so does a connector made with --enable-purge. A certificate goes with its key and the secret behind it.",
    effect: "write",
    needs: [onItem("delete")],
    asks: true,
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-id": secretId("Name or full URL"),
        "object-type": objectType(),
        "force-delete": flag("Also purge it: the value is gone for good"),
        ...limits(),
      }),
    output: () => z.object({ name: z.string() }),
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], patientLimitsOf(deps.clock, input));
      const life = await lifeOf(deps, input);
      const { adapter } = life;
      const { name, version } = deps.readReference(vault, input["secret-id"], adapter.noun);
      refuseVersion(version, "deletes", adapter.noun);
      const force = input["force-delete"] ?? vault.connector["enable-purge"] ?? false;
      const resume = `usc delete --usc-name ${vault.connector.name} --secret-id ${name}${typeFlag(adapter.noun)}${force ? " --force-delete" : ""}`;
      if (force) await deps.steps.confirm(purgeQuestion(vault, name));
      if (force) await deleteForGood(life, vault, name, resume);
      else await softDelete(life, vault, name, resume).catch((error: unknown) => alreadyDeleted(life, vault, name, error));
      return { name };
    },
  });

export const purgeQuestion = ({ connector }: Vault, name: string): string => `Purge "${name}" in "${connector.name}" for good?`;

export function refuseVersion(version: string | undefined, verb: string, noun: Noun): void {
  if (version !== undefined) {
    throw new UscError("usage", `Key Vault ${verb} a ${noun} with all its versions; --secret-id names only one of them.`, {
      hint: "Give the name alone.",
    });
  }
}

async function alreadyDeleted({ adapter }: Lifecycle, vault: Vault, name: string, error: unknown): Promise<never> {
  if (isCode(error, "not_found") && (await adapter.deleted(vault, name).catch(() => undefined))) {
    throw new UscError("not_found", `The ${adapter.noun} ${name} is deleted already.`, {
      hint: "--force-delete purges it, `usc recover` brings it back.",
    });
  }
  throw error;
}
