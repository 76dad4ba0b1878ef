import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { limits, limitsOf, objectType, secretId, uscName } from "./inputs.ts";
import { atPath } from "./json-path.ts";
import { checkVersion } from "./object-id.ts";
import { parseReference } from "./reference.ts";
import type { Secret, Vault } from "./port.ts";
import { fromStored } from "./value.ts";
import { time } from "./view.ts";

export const get = (deps: Pick<Deps, "adapter" | "clock" | "openVault" | "readReference">) =>
  operation({
    name: "get",
    route: "usc-get",
    aliases: ["usc-get", "esm-get"],
    summary: "Reads a secret with its value",
    example: "get --usc-name /prod/kv --secret-id db-password -o raw",
    notes:
      "`value` is base64 of the exact bytes; -o raw writes the bytes themselves. NAME#json.path reads one member of a JSON value: a string bare, anything else as JSON.",
    effect: "read",
    raw: { field: "value", base64: true },
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-id": secretId("NAME[#json.path][/VERSION], or the object's full URL"),
        "version-id": optionalText("Version to read (default: the latest)", { placeholder: "VERSION", emptyIsValue: true }),
        "object-type": objectType(),
        ...limits(),
      }),
    output: secretAnswer,
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], limitsOf(deps.clock, input));
      return read(deps, vault, input["secret-id"], input["version-id"]);
    },
  });

export const secretAnswer = () => {
  const [text, maybe] = [z.string(), z.optional(z.string())];
  return z.object({
    value: text,
    binary_value: z.boolean(),
    id: text,
    name: text,
    metadata: z.object({ created: maybe, updated: maybe, status: z.boolean(), type: text, tags: z.record(text, text) }),
    version_id: maybe,
    expiration: maybe,
    activation_date: maybe,
  });
};

/** What `reference` names, answered whole or at its JSON path. */
export async function read(
  { adapter, readReference }: Pick<Deps, "adapter" | "readReference">,
  vault: Vault,
  reference: string,
  versionId?: string,
): Promise<z.infer<ReturnType<typeof secretAnswer>>> {
  const asked = parseReference(reference);
  const object = readReference(vault, asked.object, "secrets");
  const version = versionId ?? object.version;
  if (object.version !== undefined && version !== object.version) {
    throw new UscError("usage", "--secret-id and --version-id name two versions.");
  }
  checkVersion(version);
  return answerOf(await adapter.get(vault, object.name, version), asked.path);
}

export function answerOf(secret: Secret, path?: string): z.infer<ReturnType<typeof secretAnswer>> {
  const { value, binary } = fromStored(secret);
  return {
    value: path === undefined ? value : Buffer.from(atPath(Buffer.from(value, "base64").toString(), path, secret.name)).toString("base64"),
    binary_value: binary,
    id: secret.id,
    name: secret.name,
    metadata: {
      created: time(secret.created),
      updated: time(secret.updated),
      status: secret.enabled,
      type: secret.contentType ?? "",
      tags: secret.tags,
    },
    version_id: secret.version,
    expiration: time(secret.expires),
    activation_date: time(secret.notBefore),
  };
}
