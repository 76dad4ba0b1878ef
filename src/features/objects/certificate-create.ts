import { isCode, UscError } from "../../kernel/errors.ts";
import { attributesOf } from "./attributes.ts";
import { bundleOf, type GivenBundle, isGiven } from "./certificate-import.ts";
import { type KeyName, keyOfType } from "./certificate-inputs.ts";
import { type CertificateProperties, type CertificateWish, type Issuance, pemType, pfxType } from "./certificate-port.ts";
import { forgetReturn, type IfDeleted, writeNew } from "./write-new.ts";
import type { Deps } from "./deps.ts";
import { beginMaking, begunBefore, forgetMaking, untilMade } from "./issuance.ts";
import { withoutVersion } from "./object-id.ts";
import type { Vault } from "./port.ts";
import { checkLimits } from "./value.ts";

interface Given extends GivenBundle {
  description?: string | undefined;
  tags?: Record<string, string> | undefined;
  enabled?: boolean | undefined;
  overwrite?: boolean | undefined;
  "if-deleted"?: IfDeleted | undefined;
  subject?: string | undefined;
  "dns-name"?: string[] | undefined;
  "validity-months"?: number | undefined;
  "key-type"?: KeyName | undefined;
  issuer?: string | undefined;
  exportable?: boolean | undefined;
  csr?: boolean | undefined;
  "merge-data"?: string | undefined;
}

const ways = "a bundle (--value-file, or --cert-file with --key-file), --subject to make one, or --merge-file to complete a request";

/** Imports, makes, or completes: one of the three. */
export async function createCertificate(deps: Deps, vault: Vault, name: string, given: Given) {
  const asked = [isGiven(given), given.subject !== undefined, given["merge-data"] !== undefined].filter(Boolean).length;
  if (asked !== 1)
    throw new UscError("usage", `A certificate is created in one of three ways, and ${asked} were given.`, { hint: `Give ${ways}.` });
  const { enabled, tags } = checkLimits(attributesOf({ description: given.description, enabled: given.enabled, tags: given.tags }));
  const changes = { enabled, tags: { ...vault.connector["usc-tags"], ...tags } };
  if (given["merge-data"] !== undefined) return answer(await merge(deps, vault, name, given["merge-data"]));
  if (given.subject !== undefined) return make(deps, vault, name, given, checkLimits({ ...wishOf(given.subject, given), ...changes }));
  const certificates = await deps.certificates();
  const bundle = { ...(await bundleOf(deps, given)), ...checkLimits(changes) };
  const life = { ...deps, adapter: certificates };
  const write = () => certificates.importBundle(vault, name, bundle);
  const isIt = (latest: CertificateProperties) => (latest.thumbprint === bundle.thumbprint ? latest : undefined);
  return answer(await writeNew(life, vault, name, given, write, isIt));
}

function wishOf(subject: string, given: Given): CertificateWish {
  if (!/^\s*[A-Za-z0-9.]+\s*=/u.test(subject)) {
    throw new UscError("usage", "--subject is not valid: expected a distinguished name.", { hint: "For example CN=www.contoso.com" });
  }
  if (given.csr === true && given.issuer !== undefined)
    throw new UscError("usage", "--csr and --issuer exclude each other.", { hint: "A request is for a CA outside of Key Vault." });
  const contentType = given["content-type"] ?? pfxType;
  if (contentType !== pfxType && contentType !== pemType) {
    throw new UscError("usage", "--content-type is not valid for a certificate.", { hint: `It is ${pfxType} or ${pemType}.` });
  }
  return {
    subject,
    dnsNames: given["dns-name"] ?? [],
    validityMonths: given["validity-months"],
    key: keyOfType(given["key-type"]),
    issuer: given.csr === true ? "Unknown" : (given.issuer ?? "Self"),
    contentType,
    exportable: given.exportable,
  };
}

async function make(deps: Deps, vault: Vault, name: string, given: Given, wish: CertificateWish) {
  const certificates = await deps.certificates();
  const resume = `usc create --usc-name ${vault.connector.name} --object-type certificate --secret-name ${name} --subject ...`;
  const life = { ...deps, adapter: certificates };
  const before = await begunBefore(deps, vault, name, wish);
  if (before !== undefined) await forgetReturn(life, vault, name);
  // What is made again is never the same: only its issuance tells that it is ours.
  const begin = () => beginMaking(deps, vault, name, wish);
  const issuance = before ?? (await writeNew(life, vault, name, given, begin, () => undefined));
  if (issuance.issuer === "Unknown") return { secret_id: `${vault.url}/certificates/${name}`, csr: requestPem(issuance) };
  return answer(await untilMade(deps, vault, name, issuance, resume));
}

async function merge(deps: Deps, vault: Vault, name: string, signed: string): Promise<CertificateProperties> {
  const certificates = await deps.certificates();
  const { leaf, chain } = await (await deps.x509()).readCertificates(Buffer.from(signed));
  const made = await certificates.merge(vault, name, [leaf, ...chain]).catch(async (error: unknown) => {
    if (!isCode(error, "not_found")) throw error;
    const latest = await certificates.get(vault, name).catch((failed: unknown) => {
      throw isCode(failed, "not_found") ? error : failed;
    });
    // Merged already, by a command that was cut off.
    if (latest.der?.equals(leaf) === true) return latest;
    throw error;
  });
  await forgetMaking(deps, vault, name);
  return made;
}

const requestPem = ({ csr }: Issuance): string =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${(csr.toString("base64").match(/.{1,64}/gu) ?? []).join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;

const answer = ({ id, version, thumbprint }: CertificateProperties) => ({ secret_id: withoutVersion(id), version_id: version, thumbprint });
