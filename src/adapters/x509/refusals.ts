import { UscError } from "../../kernel/errors.ts";

/** The most that this room takes on, whatever an input asks for (a PFX of 841 bytes can ask for 50 million iterations). */
export const limits = { bytes: 1_048_576, blocks: 100, certificates: 100, iterations: 2_000_000, depth: 32 } as const;

const reexport = "Export it anew with a password and AES-256, as OpenSSL 3 does by default.";

/** Everything that can be wrong with an input, once: a sentence and what to do. `{}` stands for the detail, which is never a byte of a key or a password. */
const refusals = {
  noKey: [
    "There is no private key beside the certificate.",
    "Give a PFX, a PEM with key and certificate, or the key in a file of its own.",
  ],
  noCertificate: ["There is no certificate in it.", "Give a PFX, a PEM with key and certificate, or the certificate in a file of its own."],
  manyKeys: ["There are {} different private keys; one certificate has one.", "Keep the key of the certificate that you mean."],
  passwordNeeded: ["{} is encrypted, and no password was given.", "Give its password."],
  wrongPassword: ["The password does not open {}.", "Check the password, also for spaces or a line break at its end."],
  keyMismatch: ["The private key belongs to none of the certificates ({} given).", "Give the key that the certificate was requested with."],
  manyLeaves: ["{} different certificates belong to the private key: which one is meant cannot be told.", "Keep one of them."],
  expired: ["The certificate expired at {}.", "Renew it and import the new one."],
  notYetValid: ["The certificate is not valid before {}.", "Import it from then on, and check this machine's clock."],
  brokenChain: [
    "The chain is broken: the certificate of {} vouches for no other one.",
    "Add the intermediate certificate between, or leave this one out.",
  ],
  manyHeads: ["{} certificates vouch for no other one: which one is meant cannot be told.", "Give one certificate with its chain."],
  tooLarge: ["The input is too large: {} bytes; a certificate with its chain may have 1048576.", undefined],
  manyBlocks: ["There are more than 100 PEM blocks.", "Give one certificate with its chain and its key."],
  manyCertificates: ["There are more than 100 certificates or keys in the PFX.", "Give one certificate with its chain and its key."],
  manyIterations: ["Its password protection asks for {} iterations; usc goes to 2000000 in all.", reexport],
  damaged: ["{} is damaged or not complete.", "Compare its size with the original, and copy it as binary."],
  unknownFormat: ["The input is neither PEM nor PFX nor DER, nor base64 of one of them.", undefined],
  unreadable: ["{}, which usc does not read.", reexport],
  keyForm: ["The private key is of the form {}, which usc does not read.", "Write it anew as PKCS#8: openssl pkey -in KEY -out NEW."],
  keyCipher: ["The private key is encrypted with {}, which usc does not read.", "Write it anew as PKCS#8: openssl pkey -in KEY -out NEW."],
  pkcs7: ["It is a PKCS#7 file (.p7b), which usc does not read.", "Write it as PEM: openssl pkcs7 -print_certs -in FILE -out NEW."],
  badKey: [
    "The private key uses {}, which Key Vault does not take for certificates.",
    "Key Vault takes RSA of 2048, 3072 and 4096 bits, and EC on P-256, P-384, P-521 and P-256K.",
  ],
  signedPfx: ["The PFX is sealed with a certificate instead of a password, which usc does not read.", reexport],
  notCertificate: ["The bytes are not a certificate.", undefined],
} as const;

export function refusal(name: keyof typeof refusals, detail: string | number = ""): UscError {
  const [sentence, hint] = refusals[name];
  return new UscError(
    "usage",
    sentence.replace("{}", () => String(detail)),
    { hint },
  );
}
