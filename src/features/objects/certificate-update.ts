import { UscError } from "../../kernel/errors.ts";
import { bundleOf, type GivenBundle, isGiven } from "./certificate-import.ts";
import type { CertificateProperties } from "./certificate-port.ts";
import type { Deps } from "./deps.ts";
import { checkVersion } from "./object-id.ts";
import type { Vault } from "./port.ts";
import { isRetagged, refuseNamed, refuseNothing, retaggedFrom } from "./retag.ts";
import { checkLimits } from "./value.ts";

interface Given extends GivenBundle {
  description?: string | undefined;
  tags?: Record<string, string> | undefined;
  enabled?: boolean | undefined;
  "remove-tag"?: string[] | undefined;
  "replace-attributes"?: boolean | undefined;
}

/** With a bundle it imports a new version, which takes over tags and `enabled`; without one it changes these in place. */
export async function updateCertificate(
  deps: Deps,
  vault: Vault,
  name: string,
  version: string | undefined,
  given: Given,
): Promise<CertificateProperties> {
  const certificates = await deps.certificates();
  if (isGiven(given)) {
    refuseNamed(version);
    const bundle = await bundleOf(deps, given);
    const before = await certificates.get(vault, name);
    const enabled = given.enabled ?? (given["replace-attributes"] === true ? undefined : before.enabled);
    return certificates.importBundle(vault, name, checkLimits({ ...bundle, enabled, tags: retaggedFrom(before.tags, given) }));
  }
  if (given["content-type"] !== undefined) {
    throw new UscError("usage", "--content-type cannot be changed in place for a certificate.", {
      hint: "Give it with a new --value-file.",
    });
  }
  refuseNothing(isRetagged(given) || given.enabled !== undefined);
  checkVersion(version);
  const tags = isRetagged(given) ? retaggedFrom((await certificates.get(vault, name, version)).tags, given) : undefined;
  return certificates.change(vault, name, version, checkLimits({ enabled: given.enabled, tags }));
}
