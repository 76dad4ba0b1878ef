import { isCode, UscError } from "../../kernel/errors.ts";
import { type Certificate, pfxType } from "./certificate-port.ts";
import type { Deps } from "./deps.ts";
import { type Secret, typeFlag, type Vault } from "./port.ts";
import { time } from "./view.ts";
import type { Bundle, Certificates, X509 } from "./x509-port.ts";

export type Form = "pem" | "pfx" | "der";
type Reading = Pick<Deps, "adapter" | "certificates" | "x509">;
type Parts = Certificates & { key?: Buffer };
interface Missing {
  part: "private_key" | "chain";
  why: string;
}
interface Read {
  parts: Parts;
  missing: Missing[];
  /** Of the secret behind this version, where it could be read. */
  type?: string | undefined;
}

/** The certificate with its chain and key, as far as rights and policy let them out, in the form that was asked for. */
export async function readCertificate(
  deps: Reading,
  vault: Vault,
  name: string,
  version: string | undefined,
  form: Form = "pem",
  password = "",
) {
  const found = await (await deps.certificates()).get(vault, name, version);
  if (found.der === undefined) {
    throw new UscError("conflict", `The certificate ${name} is in the making: there is nothing to read yet.`, { reason: "making" });
  }
  const tool = await deps.x509();
  const facts = await tool.describe(found.der);
  const { parts, missing, type }: Read =
    form === "der" ? { parts: { leaf: found.der, chain: [] }, missing: [] } : await partsOf(deps, tool, vault, found, found.der);
  const value = await written(tool, name, parts, missing, form, password);
  parts.key?.fill(0);
  return {
    value: value.toString("base64"),
    binary_value: form !== "pem",
    id: found.id,
    name: found.name,
    metadata: {
      created: time(found.created),
      updated: time(found.updated),
      status: found.enabled,
      type: type ?? found.policy?.contentType ?? "",
      tags: found.tags,
      thumbprint: facts.thumbprint,
      subject: facts.subject,
      issuer: facts.issuer,
      serial_number: facts.serialNumber,
      dns_names: facts.names.dns,
      key_type: [facts.key.type, facts.key.curve ?? facts.key.size].filter((part) => part !== undefined).join("-"),
      ...(missing.length === 0 ? {} : { not_included: missing }),
    },
    version_id: found.version,
    expiration: time(facts.notAfter),
    activation_date: time(facts.notBefore),
  };
}

/** Key and chain stand in the secret behind the certificate, which has a role of its own. */
async function partsOf(deps: Reading, tool: X509, vault: Vault, found: Certificate, leaf: Buffer): Promise<Read> {
  let secret: Secret;
  try {
    secret = await deps.adapter.get(vault, found.name, found.version);
  } catch (error) {
    if (!isCode(error, "forbidden") && !isCode(error, "not_found")) throw error;
    return { parts: { leaf, chain: [] }, missing: without(["private_key", "chain"], whyOf(error, found)) };
  }
  const { contentType: type } = secret;
  const bytes = type === pfxType ? Buffer.from(secret.value, "base64") : Buffer.from(secret.value);
  try {
    return { parts: await tool.readBundle({ bytes, password: "" }), missing: [], type };
  } catch (error) {
    if (!isCode(error, "usage")) throw error;
    // Where the policy keeps the key in, the secret holds the certificates alone. The policy is one for all versions, and comes with the latest.
    const { policy } = found.policy === undefined ? await (await deps.certificates()).get(vault, found.name) : found;
    if (policy?.exportable !== false)
      return { parts: { leaf, chain: [] }, missing: without(["private_key", "chain"], error.message), type };
    return { parts: await tool.readCertificates(bytes), missing: without(["private_key"], keptIn), type };
  }
}

const keptIn = "The policy of the certificate keeps its private key in the vault.";

const without = (parts: readonly Missing["part"][], why: string): Missing[] => parts.map((part) => ({ part, why }));

/** What to do stands in the hint, and an answer has none. */
function whyOf(error: UscError, { name }: Certificate): string {
  if (error.details.reason === "disabled")
    return `The certificate ${name} is disabled. \`usc update --enabled true${typeFlag("certificate")}\` enables it.`;
  const { hint } = error.details;
  return hint === undefined ? error.message : `${error.message} ${hint}`;
}

async function written(tool: X509, name: string, parts: Parts, missing: readonly Missing[], form: Form, password: string): Promise<Buffer> {
  if (form === "der") return parts.leaf;
  if (form === "pem") return tool.writePem(parts);
  if (hasKey(parts)) return tool.writePfx(parts, password);
  throw new UscError("forbidden", `A PFX of the certificate ${name} needs its private key. ${missing[0]?.why ?? ""}`.trim(), {
    hint: "-o pem writes what may be read.",
  });
}

const hasKey = (parts: Parts): parts is Bundle => parts.key !== undefined;
