import { keyPemOf } from "./certificate.ts";
import * as bundles from "./certificate-bundles.ts";
import { readFacts } from "./certificate-facts.ts";
import { contentTypeOf, readImport } from "./certificate-import.ts";
import { defaultPolicy, type Policy } from "./certificate-policy.ts";
import { readPolicy } from "./certificate-policy-input.ts";
import { withSecret } from "./certificate-secret.ts";
import * as state from "./certificate-state.ts";
import { epochSeconds } from "./clock.ts";
import type { Answer } from "./room.ts";
import { ok, type VaultCall, type VaultRoute } from "./vault-call.ts";
import { vaultErrors } from "./vault-errors.ts";
import { asObject, parseBody, readChange } from "./vault-input.ts";
import { newVersionId } from "./vault-state.ts";

export const importRoute: VaultRoute = {
  method: "POST",
  path: "/certificates/{name}/import",
  action: "certificates/import/action",
  permission: "certificates import",
  run: importOne,
};

const bad = vaultErrors.badParameter;

async function importOne({ ask, vault, name, now, view }: VaultCall): Promise<Answer> {
  const body = parseBody(await ask.readBody());
  const at = epochSeconds(now);
  const given = asObject(body["policy"]);
  const said = asObject(given?.["secret_props"])?.["contentType"];
  const contentType = contentTypeOf(body["value"], typeof said === "string" ? said : undefined);
  const blank = { ...defaultPolicy(at), secret_props: { contentType } };
  const wish = readPolicy(given, blank, at);
  const { key, leaf, chain } = await readImport(body["value"], body["pwd"], wish.secret_props.contentType);
  const facts = readFacts(leaf);
  if (facts === undefined)
    throw bad("The specified X.509 certificate content is invalid. Error: One or more X.509 properties are invalid.");
  if (facts.exp <= at) throw bad("X509 Certificate is already expired");
  // What the certificate says counts, whatever the policy says of it; the rest of the policy is the caller's.
  const exportable = { ...facts.key, exportable: wish.key_props.exportable, reuse_key: wish.key_props.reuse_key };
  const policy: Policy = { ...wish, key_props: exportable, x509_props: facts.x509 };
  const { enabled = true, tags } = readChange(body);
  const issued = await withSecret(
    {
      id: newVersionId(),
      cer: leaf.toString("base64"),
      chain: chain.map((der) => der.toString("base64")),
      keyPem: keyPemOf(key),
      enabled,
      ...(tags === undefined ? {} : { tags }),
      nbf: facts.nbf,
      exp: facts.exp,
      created: at,
      updated: at,
    },
    policy,
  );
  const certificate = state.writableCertificate(vault, name, now) ?? state.addCertificate(vault, name, policy);
  certificate.policy = policy;
  state.adopt(vault, certificate, issued);
  return ok(bundles.bundle(view, certificate, issued.version));
}
