import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { choice, flag, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import { attributes, attributesOf } from "./attributes.ts";
import type { Deps } from "./deps.ts";
import { asFile, binaryValue, limits, objectType, patientLimitsOf, uscName, valueAbout } from "./inputs.ts";
import { importFields, makingFields, refuseForeign } from "./certificate-inputs.ts";
import { withoutVersion } from "./object-id.ts";
import { checkLimits, toStored } from "./value.ts";
import { writeNew } from "./write-new.ts";

export const create = (deps: Deps) =>
  operation({
    name: "create",
    route: "usc-create",
    aliases: ["usc-create", "esm-create"],
    legacyRoutes: ["esm-create"],
    summary: "Creates a secret or certificate; an existing one is not overwritten",
    example: "create --usc-name /prod/kv --secret-name db-password --value-file password.txt",
    notes:
      "The name is looked up first. Key Vault has no condition on writes, so two creators at the same instant make two versions. --overwrite makes a new version and skips the look-up. --if-deleted says what to do about a soft-deleted one of that name. Who gives the tag file-encoding=base64 himself, as scripts of az do, says that the value is base64 already, and `get` decodes it. A certificate is imported from files (PEM or PFX), or made by Key Vault for --subject: signed by itself, by --issuer, or by an outside CA with --csr-file and later --merge-file.",
    effect: "write",
    needs: [
      onItem("create"),
      { ...onItem("update"), when: "overwrite" },
      { ...onItem("update"), when: "if-deleted", is: ["recover"] },
      { ...onItem("delete"), when: "if-deleted", is: ["purge"] },
    ],
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-name": text("Name of the new object", { short: "s" }),
        value: optionalText("The value", {
          ...valueAbout(),
          askedWith: { "object-type": "secret" },
        }),
        "binary-value": binaryValue(),
        file: asFile(),
        "object-type": objectType(),
        ...attributes(),
        overwrite: flag("Make a new version if it exists"),
        "if-deleted": choice("Under a soft-deleted name: refuse (default), bring it back and add a version, or purge it first", [
          "fail",
          "recover",
          "purge",
        ]),
        ...importFields(),
        ...makingFields(),
        ...limits(),
      }),
    output: () =>
      z.object({
        secret_id: z.string(),
        version_id: z.optional(z.string()),
        thumbprint: z.optional(z.string()),
        csr: z.optional(z.string()),
      }),
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], patientLimitsOf(deps.clock, input));
      const noun = input["object-type"] ?? "secret";
      const { name, version } = deps.readReference(vault, input["secret-name"], noun);
      if (version !== undefined) throw new UscError("usage", `--secret-name is not valid: a new ${noun} has no version yet.`);
      refuseForeign(input, noun);
      if (noun === "certificate") return (await import("./certificate-create.ts")).createCertificate(deps, vault, name, input);
      if (input.value === undefined) throw new UscError("usage", "--value is missing.", { hint: "The value" });
      const stored = toStored(input.value, input);
      const given = attributesOf(input);
      const write = checkLimits({ ...stored, ...given, tags: { ...vault.connector["usc-tags"], ...given.tags, ...stored.tags } });
      const { adapter } = deps;
      const made = await writeNew(
        deps,
        vault,
        name,
        input,
        () => adapter.set(vault, name, write),
        (latest) => (latest.value === write.value ? latest : undefined),
      );
      return { secret_id: withoutVersion(made.id), version_id: made.version };
    },
  });
