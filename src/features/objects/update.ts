import * as z from "zod/mini";
import type { Clock } from "../../kernel/clock.ts";
import { operation } from "../../kernel/operation.ts";
import { attributes, attributesOf, binaryValue, objectType, secretId, uscName, value } from "./inputs.ts";
import type { ObjectAdapter, OpenVault, ReadReference } from "./port.ts";
import { withoutVersion } from "./object-id.ts";
import { carriedTags, checkLimits, toStored } from "./value.ts";

interface Deps {
  adapter: ObjectAdapter;
  clock: Clock;
  openVault: OpenVault;
  readReference: ReadReference;
}

export const update = ({ adapter, clock, openVault, readReference }: Deps) =>
  operation({
    name: "update",
    route: "usc-update",
    aliases: ["usc-update", "esm-update"],
    summary: "Gives a secret a new value: a new version",
    example: "update --usc-name /prod/kv --secret-id db-password --value-file password.txt",
    notes: "Content type, tags, enabled and a future expiry go over to the new version unless given anew.",
    effect: "write",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-id": secretId(),
        value: value(),
        "binary-value": binaryValue(),
        "object-type": objectType(),
        ...attributes(),
      }),
    output: () => z.object({ name: z.string(), secret_id: z.string(), version_id: z.string() }),
    run: async (input) => {
      const vault = await openVault(input["usc-name"]);
      const { name } = readReference(vault, input["secret-id"], "secrets");
      const stored = toStored(input.value, input["binary-value"] === true);
      const given = attributesOf(input);
      // Key Vault inherits nothing: what is not sent again is gone.
      const before = await adapter.get(vault, name);
      const wasBinary = before.contentType === "application/octet-stream";
      const made = await adapter.set(
        vault,
        name,
        checkLimits({
          ...(before.contentType === undefined || wasBinary ? {} : { contentType: before.contentType }),
          ...(before.expires !== undefined && before.expires > clock.now() ? { expires: before.expires } : {}),
          ...(before.notBefore === undefined ? {} : { notBefore: before.notBefore }),
          enabled: before.enabled,
          ...stored,
          ...given,
          tags: { ...carriedTags(before.tags), ...given.tags, ...stored.tags },
        }),
      );
      return { name, secret_id: withoutVersion(made.id), version_id: made.version };
    },
  });
