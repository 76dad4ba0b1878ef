import { isCode } from "../../kernel/errors.ts";
import { keyOfType } from "./certificate-inputs.ts";
import { pemType } from "./certificate-port.ts";
import type { Deps } from "./deps.ts";
import { beginMaking, forgetMaking, untilMade } from "./issuance.ts";
import { deleteForGood } from "./lifecycle.ts";
import { poll } from "./poll.ts";
import type { Vault } from "./port.ts";
import type { Life } from "./shelf.ts";
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

/** Deletes for good what a check has made. A version in the making is waited for: before it stands it cannot be deleted, and would come after. */
export async function removeCertificate(life: Life, vault: Vault, name: string, resume: string): Promise<void> {
  const certificates = await life.certificates();
  await forgetMaking(life, vault, name);
  const step = { doing: `Waiting until ${name} is signed`, done: `The certificate ${name} is in the making.`, resume };
  await deleteForGood(life, vault, name, resume).catch(async (error: unknown) => {
    if (!isCode(error, "not_found") || (await certificates.issuance(vault, name)) === undefined) throw error;
    await poll(life, vault, step, async () => ((await certificates.issuance(vault, name))?.status === "inProgress" ? undefined : true));
    await deleteForGood(life, vault, name, resume);
  });
}
