import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { objectType, secretId, uscName } from "./inputs.ts";
import type { ObjectAdapter, OpenVault, ReadReference } from "./port.ts";
import { fromStored } from "./value.ts";

export const get = ({
  adapter,
  openVault,
  readReference,
}: {
  adapter: ObjectAdapter;
  openVault: OpenVault;
  readReference: ReadReference;
}) =>
  operation({
    name: "get",
    route: "usc-get",
    aliases: ["usc-get", "esm-get"],
    summary: "Reads a secret with its value",
    example: "get --usc-name /prod/kv --secret-id db-password -o raw",
    notes: "`value` is base64 of the exact bytes; -o raw writes the bytes themselves.",
    effect: "read",
    raw: { field: "value", base64: true },
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-id": secretId(),
        "version-id": optionalText("Version to read (default: the latest)", { placeholder: "VERSION" }),
        "object-type": objectType(),
      }),
    output: () =>
      z.object({
        value: z.string(),
        binary_value: z.boolean(),
        id: z.string(),
        name: z.string(),
        metadata: z.object({
          created: z.optional(z.string()),
          updated: z.optional(z.string()),
          status: z.boolean(),
          type: z.string(),
          tags: z.record(z.string(), z.string()),
        }),
        version_id: z.optional(z.string()),
        expiration: z.optional(z.string()),
        activation_date: z.optional(z.string()),
      }),
    run: async (input) => {
      const vault = await openVault(input["usc-name"]);
      const reference = readReference(vault, input["secret-id"], "secrets");
      const version = input["version-id"] ?? reference.version;
      if (reference.version !== undefined && version !== reference.version) {
        throw new UscError("usage", "--secret-id and --version-id name two versions.");
      }
      if (version !== undefined && !/^[0-9a-fA-F]{32}$/u.test(version)) {
        throw new UscError("usage", "--version-id is not valid: expected 32 hexadecimal digits.");
      }
      const secret = await adapter.get(vault, reference.name, version);
      const { value, binary } = fromStored(secret);
      return {
        value,
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
    },
  });

const time = (epochMs: number | undefined): string | undefined => (epochMs === undefined ? undefined : rfc3339(epochMs));
