import * as z from "zod/mini";
import { isCode } from "../../kernel/errors.ts";
import { flag, list, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import { attributes, attributesOf, carried } from "./attributes.ts";
import { importFields, refuseForeign } from "./certificate-inputs.ts";
import type { Deps } from "./deps.ts";
import { asFile, binaryValue, limits, limitsOf, objectType, secretId, uscName, valueAbout } from "./inputs.ts";
import { checkVersion, withoutVersion } from "./object-id.ts";
import type { ObjectAdapter, ObjectProperties, SecretProperties, Vault } from "./port.ts";
import { isRetagged, refuseNamed, refuseNothing, retaggedFrom, without } from "./retag.ts";
import { checkLimits, markOf, toStored } from "./value.ts";
import { newest } from "./versions.ts";

const input = () =>
  z.object({
    "usc-name": uscName(),
    "secret-id": secretId(),
    value: optionalText("The new value; without one the attributes are changed in place", valueAbout()),
    "binary-value": binaryValue(),
    file: asFile(),
    "object-type": objectType(),
    ...attributes(),
    ...importFields(),
    "remove-tag": list("Name of a tag to remove; may be repeated"),
    "replace-attributes": flag("Take nothing over from the version before; without a value: drop the tags that are not given"),
    "version-id": optionalText("Version whose attributes are changed (default: the latest)", {
      placeholder: "VERSION",
      emptyIsValue: true,
    }),
    ...limits(),
  });
type Input = z.output<ReturnType<typeof input>>;

export const update = (deps: Deps) =>
  operation({
    name: "update",
    route: "usc-update",
    aliases: ["usc-update", "esm-update"],
    legacyRoutes: ["esm-update"],
    summary: "Gives a secret or certificate a new value, or other attributes",
    example: "update --usc-name /prod/kv --secret-id db-password --value-file password.txt",
    notes:
      "With a value (of a certificate: PEM or PFX) it makes a new version, which takes over content type, tags, enabled and a future expiry unless they are given anew. Without a value it changes attributes in place. --tags replaces the tags it names; to Key Vault they are one set, so of two that change tags at once the last one wins.",
    effect: "write",
    needs: [onItem("update")],
    input,
    output: () => z.object({ name: z.string(), secret_id: z.string(), version_id: z.string(), warnings: z.optional(z.array(z.string())) }),
    run: async (given) => {
      const vault = await deps.openVault(given["usc-name"], limitsOf(deps.clock, given));
      const noun = given["object-type"] ?? "secret";
      const { name, version } = deps.readReference(vault, given["secret-id"], noun);
      const named = given["version-id"] ?? version;
      refuseForeign(given, noun);
      if (noun === "certificate") {
        return answer(name, await (await import("./certificate-update.ts")).updateCertificate(deps, vault, name, named, given));
      }
      if (given.value === undefined) return answer(name, await changeInPlace(deps, vault, name, named, given));
      refuseNamed(named);
      const { made, warnings } = await newVersion(deps, vault, name, given.value, given);
      return { ...answer(name, made), ...(warnings.length > 0 ? { warnings } : {}) };
    },
  });

const answer = (name: string, made: ObjectProperties) => ({ name, secret_id: withoutVersion(made.id), version_id: made.version ?? "" });

async function newVersion({ adapter, clock }: Deps, vault: Vault, name: string, text: string, given: Input) {
  const stored = toStored(text, given);
  const own = attributesOf(given);
  // Key Vault inherits nothing: what is not sent again is gone.
  const before = await properties(adapter, vault, name);
  const { changes, warnings } =
    given["replace-attributes"] === true ? { changes: { tags: {} }, warnings: [] } : carried(before, clock.now());
  const tags = without({ ...changes.tags, ...own.tags }, given["remove-tag"]);
  const write = checkLimits({ ...changes, ...stored, ...own, tags: { ...tags, ...stored.tags } });
  return { made: await adapter.set(vault, name, write), warnings: own.expires === undefined ? warnings : [] };
}

async function changeInPlace(
  { adapter }: Deps,
  vault: Vault,
  name: string,
  version: string | undefined,
  given: Input,
): Promise<SecretProperties> {
  const { tags: _, ...own } = attributesOf(given);
  const retagged = isRetagged(given);
  refuseNothing(retagged || Object.keys(own).length > 0);
  checkVersion(version);
  // The tags are one set to Key Vault: who changes one sends them all.
  const before = retagged ? (await properties(adapter, vault, name, version)).tags : {};
  // Without its mark a binary value would come back as base64 text.
  const all = retagged ? { tags: { ...retaggedFrom(before, given), ...markOf(before) } } : {};
  return adapter.change(vault, name, version, checkLimits({ ...own, ...all }));
}

/** The attributes of a version (default: the newest), from the list of versions where the value may not be read. */
async function properties(adapter: ObjectAdapter, vault: Vault, name: string, version?: string): Promise<SecretProperties> {
  try {
    return await adapter.get(vault, name, version);
  } catch (error) {
    if (!isCode(error, "forbidden")) throw error;
    const listed = (await newest(adapter, vault, name)).find((item) => version === undefined || item.version === version.toLowerCase());
    if (listed === undefined) throw error;
    return listed;
  }
}
