import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { flag, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { attributes, attributesOf, binaryValue, objectType, uscName, value } from "./inputs.ts";
import type { ObjectAdapter, OpenVault, ReadReference, Vault } from "./port.ts";
import { checkLimits, toStored } from "./value.ts";
import { withoutVersion } from "./object-id.ts";

interface Deps {
  adapter: ObjectAdapter;
  openVault: OpenVault;
  readReference: ReadReference;
}

export const create = ({ adapter, openVault, readReference }: Deps) =>
  operation({
    name: "create",
    route: "usc-create",
    aliases: ["usc-create", "esm-create"],
    summary: "Creates a secret; an existing one is not overwritten",
    example: "create --usc-name /prod/kv --secret-name db-password --value-file password.txt",
    notes:
      "The name is looked up first. Key Vault has no condition on writes, so two creators at the same instant make two versions. --overwrite makes a new version and skips the look-up.",
    effect: "write",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-name": text("Name of the new secret", { short: "s" }),
        value: value(),
        "binary-value": binaryValue(),
        "object-type": objectType(),
        ...attributes(),
        overwrite: flag("Make a new version if the secret exists"),
      }),
    output: () => z.object({ secret_id: z.string(), version_id: z.string() }),
    run: async (input) => {
      const vault = await openVault(input["usc-name"]);
      const { name, version } = readReference(vault, input["secret-name"], "secrets");
      if (version !== undefined) throw new UscError("usage", "--secret-name is not valid: a new secret has no version yet.");
      const stored = toStored(input.value, input["binary-value"] === true);
      const given = attributesOf(input);
      const write = checkLimits({ ...stored, ...given, tags: { ...vault.connector["usc-tags"], ...given.tags, ...stored.tags } });
      if (input.overwrite !== true) await refuseExisting(adapter, vault, name);
      const made = await adapter.set(vault, name, write);
      return { secret_id: withoutVersion(made.id), version_id: made.version };
    },
  });

async function refuseExisting(adapter: ObjectAdapter, vault: Vault, name: string): Promise<void> {
  try {
    await adapter.get(vault, name);
  } catch (error) {
    if (error instanceof UscError && error.code === "not_found") return;
    throw error;
  }
  throw new UscError("conflict", `The secret ${name} exists already.`, { hint: "`usc update` or --overwrite makes a new version of it." });
}
