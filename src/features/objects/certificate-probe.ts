import { keyOfType } from "./certificate-inputs.ts";
import { pemType } from "./certificate-port.ts";
import type { Deps } from "./deps.ts";
import { beginMaking, untilMade } from "./issuance.ts";
import type { Vault } from "./port.ts";
import { notOurs, type WrittenProbe } from "./validate.ts";

/** A self-signed certificate: what `usc validate --object-type certificate` makes, twice. */
export async function certificateProbe(deps: Deps, vault: Vault, name: string, resume: string): Promise<WrittenProbe> {
  const certificates = await deps.certificates();
  const versions = new Map<string, string | undefined>();
  const [key, tags] = [keyOfType(), { createdBy: "usc-validate" }];
  const wish = { subject: `CN=${name}`, dnsNames: [], validityMonths: 1, key, issuer: "Self", contentType: pemType, tags } as const;
  return {
    async write(word) {
      const begun = await beginMaking(deps, vault, name, wish);
      versions.set(word, (await untilMade(deps, vault, name, begun, resume)).version);
    },
    async expect(word) {
      if ((await certificates.get(vault, name)).version !== versions.get(word)) throw notOurs(name);
    },
  };
}
