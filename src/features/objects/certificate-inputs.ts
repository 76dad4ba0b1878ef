import { UscError } from "../../kernel/errors.ts";
import { choice, count, flag, list, optionalText } from "../../kernel/fields.ts";
import type { Noun } from "./port.ts";

/** What `create` and `update` take to bring a certificate in. */
export const importFields = () => ({
  "cert-data": optionalText("Certificate, or a whole bundle: PEM, PFX or DER, or base64 of these", { fromFile: "cert-file", bytes: true }),
  "key-data": optionalText("Its private key, where that stands by itself", { secret: true, fromFile: "key-file", bytes: true }),
  "chain-data": optionalText("The certificates that vouch for it", { fromFile: "chain-file", bytes: true }),
  "pfx-password": optionalText("Password of the PFX, or of the key", { secret: true, emptyIsValue: true }),
});

/** What `create` takes to have a certificate made. */
export const makingFields = () => ({
  subject: optionalText("Make a certificate for this name", { placeholder: "CN=NAME" }),
  "dns-name": list("Host name of the new certificate; may be repeated", { placeholder: "HOST" }),
  "validity-months": count("Months that the new certificate is valid (default: 12)", [1, 1200]),
  "key-type": choice("Key of the new certificate (default: RSA of 2048 bits)", keyNames),
  issuer: optionalText("Who signs: an issuer that the vault knows by this name (default: Self)", { placeholder: "NAME" }),
  exportable: flag("Whether the new private key may leave the vault (default: true)"),
  csr: flag("Let an outside CA sign: answer with the request", { toFile: { flag: "csr-file", answer: "csr" } }),
  "merge-data": optionalText("What the outside CA signed: completes the request", { fromFile: "merge-file", bytes: true }),
});

const keys = {
  RSA: { type: "RSA", bits: 2048 },
  "RSA-2048": { type: "RSA", bits: 2048 },
  "RSA-3072": { type: "RSA", bits: 3072 },
  "RSA-4096": { type: "RSA", bits: 4096 },
  EC: { type: "EC", curve: "P-256" },
  "EC-P256": { type: "EC", curve: "P-256" },
  "EC-P384": { type: "EC", curve: "P-384" },
  "EC-P521": { type: "EC", curve: "P-521" },
} as const;

export type KeyName = keyof typeof keys;
const keyNames = ["RSA", "RSA-2048", "RSA-3072", "RSA-4096", "EC", "EC-P256", "EC-P384", "EC-P521"] as const satisfies KeyName[];

export const keyOfType = (name: KeyName = "RSA") => keys[name];

/** Which fields mean nothing to a call about the other kind of object. Names alone: their schemas would cost every read. */
const foreign = {
  secret: [
    "cert-data",
    "key-data",
    "chain-data",
    "pfx-password",
    "subject",
    "dns-name",
    "validity-months",
    "key-type",
    "issuer",
    "exportable",
    "csr",
    "merge-data",
    "certificate-format",
  ],
  certificate: ["file", "remote-secret-activation-date", "remote-secret-expires"],
} as const;

export function refuseForeign(given: Readonly<Record<string, unknown>>, noun: Noun): void {
  const field = foreign[noun].find((name) => given[name] !== undefined);
  if (field === undefined) return;
  throw new UscError("usage", `--${field} has no meaning for a ${noun}.`, {
    hint: noun === "secret" ? "It is for --object-type certificate." : "A certificate has its dates and its form in itself.",
  });
}
