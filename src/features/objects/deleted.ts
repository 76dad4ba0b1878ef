import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import { purgeQuestion, refuseVersion } from "./delete.ts";
import type { Deps } from "./deps.ts";
import { limits, objectType, patientLimitsOf, secretId, uscName } from "./inputs.ts";
import { type Lifecycle, purgeDeleted, recoverDeleted } from "./lifecycle.ts";
import { typeFlag, type Vault } from "./port.ts";
import { lifeOf } from "./shelf.ts";

const input = () =>
  z.object({ "usc-name": uscName(), "secret-id": secretId("Name of the deleted object"), "object-type": objectType(), ...limits() });

const commandOf = (verb: string, { adapter }: Lifecycle, vault: Vault, name: string): string =>
  `usc ${verb} --usc-name ${vault.connector.name} --secret-id ${name}${typeFlag(adapter.noun)}`;

export const recover = (deps: Deps) =>
  operation({
    name: "recover",
    route: "usc-recover",
    aliases: ["usc-recover"],
    summary: "Brings a soft-deleted secret or certificate back, with all its versions",
    example: "recover --usc-name /prod/kv --secret-id db-password",
    notes: "Waits until it can be read again. What is not deleted is left as it is.",
    effect: "write",
    needs: [onItem("update")],
    input,
    output: () => z.object({ name: z.string(), secret_id: z.string() }),
    run: async (given) => {
      const vault = await deps.openVault(given["usc-name"], patientLimitsOf(deps.clock, given));
      const life = await lifeOf(deps, given);
      const { name, version } = deps.readReference(vault, given["secret-id"], life.adapter.noun);
      refuseVersion(version, "recovers", life.adapter.noun);
      await recoverDeleted(life, vault, name, commandOf("recover", life, vault, name));
      return { name, secret_id: `${vault.url}/${life.adapter.noun}s/${name}` };
    },
  });

export const purge = (deps: Deps) =>
  operation({
    name: "purge",
    route: "usc-purge",
    aliases: ["usc-purge"],
    summary: "Removes a soft-deleted secret or certificate for good, with all its versions",
    example: "purge --usc-name /prod/kv --secret-id db-password",
    notes: "Waits until the name is free. A live one is left as it is: `usc delete --force-delete` deletes and purges.",
    effect: "write",
    needs: [onItem("delete")],
    asks: true,
    input,
    output: () => z.object({ name: z.string() }),
    run: async (given) => {
      const vault = await deps.openVault(given["usc-name"], patientLimitsOf(deps.clock, given));
      const life = await lifeOf(deps, given);
      const { name, version } = deps.readReference(vault, given["secret-id"], life.adapter.noun);
      refuseVersion(version, "purges", life.adapter.noun);
      await deps.steps.confirm(purgeQuestion(vault, name));
      if (await purgeDeleted(life, vault, name, commandOf("purge", life, vault, name))) return { name };
      throw new UscError("not_found", `There is no deleted ${life.adapter.noun} ${name} in ${vault.url}.`, {
        hint: "`usc list-deleted` shows what there is; `usc delete --force-delete` purges a live one.",
      });
    },
  });
