import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { operation } from "../../kernel/operation.ts";
import { purgeQuestion, refuseVersion } from "./delete.ts";
import type { Deps } from "./deps.ts";
import { limits, objectType, patientLimitsOf, secretId, uscName } from "./inputs.ts";
import { purgeDeleted, recoverDeleted } from "./lifecycle.ts";

const input = () =>
  z.object({ "usc-name": uscName(), "secret-id": secretId("Name of the deleted secret"), "object-type": objectType(), ...limits() });

export const recover = (deps: Deps) =>
  operation({
    name: "recover",
    route: "usc-recover",
    aliases: ["usc-recover"],
    summary: "Brings a soft-deleted secret back, with all its versions",
    example: "recover --usc-name /prod/kv --secret-id db-password",
    notes: "Waits until the secret can be read again. A secret that is not deleted is left as it is.",
    effect: "write",
    input,
    output: () => z.object({ name: z.string(), secret_id: z.string() }),
    run: async (given) => {
      const vault = await deps.openVault(given["usc-name"], patientLimitsOf(deps.clock, given));
      const { name, version } = deps.readReference(vault, given["secret-id"], "secrets");
      refuseVersion(version, "recovers");
      await recoverDeleted(deps, vault, name, `usc recover --usc-name ${vault.connector.name} --secret-id ${name}`);
      return { name, secret_id: `${vault.url}/secrets/${name}` };
    },
  });

export const purge = (deps: Deps) =>
  operation({
    name: "purge",
    route: "usc-purge",
    aliases: ["usc-purge"],
    summary: "Removes a soft-deleted secret for good, with all its versions",
    example: "purge --usc-name /prod/kv --secret-id db-password",
    notes: "Waits until the name is free. A live secret is left as it is: `usc delete --force-delete` deletes and purges.",
    effect: "write",
    asks: true,
    input,
    output: () => z.object({ name: z.string() }),
    run: async (given) => {
      const vault = await deps.openVault(given["usc-name"], patientLimitsOf(deps.clock, given));
      const { name, version } = deps.readReference(vault, given["secret-id"], "secrets");
      refuseVersion(version, "purges");
      await deps.steps.confirm(purgeQuestion(vault, name));
      if (await purgeDeleted(deps, vault, name, `usc purge --usc-name ${vault.connector.name} --secret-id ${name}`)) return { name };
      throw new UscError("not_found", `There is no deleted secret ${name} in ${vault.url}.`, {
        hint: "`usc list-deleted` shows what there is; `usc delete --force-delete` purges a live one.",
      });
    },
  });
