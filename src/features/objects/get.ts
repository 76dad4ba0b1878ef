import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { choice, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import { refuseForeign } from "./certificate-inputs.ts";
import type { Deps } from "./deps.ts";
import { limits, limitsOf, objectType, secretId, uscName } from "./inputs.ts";
import { atPath } from "./json-path.ts";
import { checkVersion } from "./object-id.ts";
import { parseReference } from "./reference.ts";
import type { Noun, Secret, Vault } from "./port.ts";
import { fromStored } from "./value.ts";
import { time } from "./view.ts";

type Reading = Pick<Deps, "adapter" | "certificates" | "clock" | "openVault" | "readReference" | "x509">;

export const get = (deps: Reading) =>
  operation({
    name: "get",
    route: "usc-get",
    aliases: ["usc-get", "esm-get"],
    legacyRoutes: ["esm-get"],
    summary: "Reads a secret with its value, or a certificate with its chain and key",
    example: "get --usc-name /prod/kv --secret-id db-password -o raw",
    notes:
      "`value` is base64 of the exact bytes; -o raw writes the bytes themselves. NAME#json.path reads one member of a JSON value: a string bare, anything else as JSON. Of a certificate `value` is PEM: the certificate, its chain and, where rights and policy let it out, its key; `metadata.not_included` says what is missing, and why. -o pfx and -o der write it in another form.",
    effect: "read",
    needs: [onItem("read")],
    raw: { field: "value", base64: true, forms: { field: "certificate-format", of: ["pem", "pfx", "der"] } },
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-id": secretId("NAME[#json.path][/VERSION], or the object's full URL"),
        "version-id": optionalText("Version to read (default: the latest)", { placeholder: "VERSION", emptyIsValue: true }),
        "object-type": objectType(),
        "certificate-format": choice("Form of a certificate (default: pem)", ["pem", "pfx", "der"]),
        "pfx-password": optionalText("Password that the PFX gets (default: none)", { secret: true }),
        ...limits(),
      }),
    output: secretAnswer,
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], limitsOf(deps.clock, input));
      const noun = input["object-type"] ?? "secret";
      refuseForeign(input, noun);
      const { name, version, path } = locate(deps, vault, noun, input["secret-id"], input["version-id"]);
      if (noun === "secret") return answerOf(await deps.adapter.get(vault, name, version), path);
      if (path !== undefined) throw new UscError("usage", "--secret-id is not valid: a certificate has no JSON path.");
      const { readCertificate } = await import("./certificate-get.ts");
      return readCertificate(deps, vault, name, version, input["certificate-format"], input["pfx-password"]);
    },
  });

export const secretAnswer = () => {
  const [text, maybe] = [z.string(), z.optional(z.string())];
  return z.object({
    value: text,
    binary_value: z.boolean(),
    id: text,
    name: text,
    metadata: z.object({
      created: maybe,
      updated: maybe,
      status: z.boolean(),
      type: text,
      tags: z.record(text, text),
      thumbprint: maybe,
      subject: maybe,
      issuer: maybe,
      serial_number: maybe,
      dns_names: z.optional(z.array(text)),
      key_type: maybe,
      not_included: z.optional(z.array(z.object({ part: text, why: text }))),
    }),
    version_id: maybe,
    expiration: maybe,
    activation_date: maybe,
  });
};

/** What a reference names: the object, and the JSON path into its value. */
export function locate(
  { readReference }: Pick<Deps, "readReference">,
  vault: Vault,
  noun: Noun,
  reference: string,
  versionId?: string,
): { name: string; version?: string | undefined; path?: string | undefined } {
  const asked = parseReference(reference);
  const object = readReference(vault, asked.object, noun);
  const version = versionId ?? object.version;
  if (object.version !== undefined && version !== object.version) {
    throw new UscError("usage", "--secret-id and --version-id name two versions.");
  }
  checkVersion(version);
  return { name: object.name, version, path: asked.path };
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
