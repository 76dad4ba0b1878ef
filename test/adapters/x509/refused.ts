import { X509Certificate } from "node:crypto";
import { x509 } from "../../../src/adapters/x509/index.ts";
import type { BundleInput } from "../../../src/features/objects/x509-port.ts";
import { algorithms, family, leaf, type Family } from "./family.ts";
import { legacy, type Openssl } from "./openssl.ts";

/** What goes wrong, and the sentence that says so. */
export interface Refused {
  name: string;
  act: () => Promise<unknown>;
  sentence: string;
  /** What a user gives to import, or to complete a request with. */
  input?: BundleInput;
  signed?: Uint8Array;
  /** When he does, if not now. Epoch milliseconds. */
  at?: number;
}

/** In each encrypted input; no sentence may hold it. */
export const password = "correct-horse-battery";

const missing = "and no password was given.";
const day = 86_400_000;

/** Each bad input with its sentence; made by OpenSSL where OpenSSL makes such a thing. */
export function refused(openssl: Openssl): Refused[] {
  const made = family(openssl, algorithms["EC P-256"]);
  return [...incomplete(made), ...locked(made), ...dated(made), ...chained(made), ...unsupported(openssl), ...unreadable(made)];
}

export const reads = (name: string, input: BundleInput, sentence: string): Refused => ({
  name,
  act: () => x509.readBundle(input),
  sentence,
  input,
});
const imports = (name: string, input: BundleInput, sentence: string, at?: number): Refused => ({
  name,
  act: async () => x509.checkForImport(await x509.readBundle(input), at ?? Date.now()),
  sentence,
  input,
  ...(at === undefined ? {} : { at }),
});
const merges = (name: string, signed: Buffer, sentence: string): Refused => ({
  name,
  act: () => x509.readCertificates(signed),
  sentence,
  signed,
});
const bytes = (...parts: string[]): Buffer => Buffer.from(parts.join(""));

function incomplete({ openssl, pem, der }: Family): Refused[] {
  const pfx = (...args: string[]): Buffer => openssl(["pkcs12", "-export", "-passout", `pass:${password}`, ...args]);
  leaf(openssl, "other", algorithms["RSA 2048"]);
  openssl(["req", "-x509", "-new", "-key", "leaf.key", "-subj", "/CN=again", "-out", "again.pem"]);
  const other = { key: openssl.bytes("other.key").toString(), leaf: openssl.bytes("other.pem").toString() };
  const again = openssl.bytes("again.pem").toString();
  const noKey = "There is no private key beside the certificate.";
  const noCertificate = "There is no certificate in it.";
  return [
    reads("a certificate alone", { bytes: bytes(pem.leaf) }, noKey),
    reads("a certificate alone, in DER", { bytes: der.leaf }, noKey),
    reads("a PFX without a key", { bytes: pfx("-nokeys", "-in", "leaf.pem"), password }, noKey),
    reads("a key alone", { bytes: bytes(pem.key) }, noCertificate),
    reads("a key alone, in DER", { bytes: der.key }, noCertificate),
    reads("a PFX without a certificate", { bytes: pfx("-nocerts", "-inkey", "leaf.key"), password }, noCertificate),
    reads("a request instead of a certificate", { bytes: openssl(["req", "-new", "-key", "leaf.key", "-subj", "/CN=x"]) }, noCertificate),
    reads(
      "another's key",
      { bytes: bytes(pem.leaf, pem.intermediate), keyBytes: bytes(other.key) },
      "The private key belongs to none of the certificates (2 given).",
    ),
    reads("two keys", { bytes: bytes(pem.leaf, pem.key, other.key) }, "There are 2 different private keys; one certificate has one."),
    reads(
      "two certificates of the key",
      { bytes: bytes(pem.leaf, again, pem.key) },
      "2 different certificates belong to the private key: which one is meant cannot be told.",
    ),
    merges(
      "two certificates and no key",
      bytes(pem.leaf, other.leaf),
      "2 certificates vouch for no other one: which one is meant cannot be told.",
    ),
    merges("certificates of a text with none", bytes(pem.key), noCertificate),
  ];
}

/** Everything that a password opens: without one, with another, and with an empty one. */
function locked({ openssl, pem, kind }: Family): Refused[] {
  const key = (...args: string[]): BundleInput => ({
    bytes: bytes(pem.leaf),
    keyBytes: openssl([...args, "-in", "leaf.key", "-passout", `pass:${password}`]),
  });
  const pfx = (...args: string[]): BundleInput => ({
    bytes: openssl(["pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.pem", "-passout", `pass:${password}`, ...args]),
  });
  const program = kind === "RSA" ? "rsa" : "ec";
  const inputs: Record<string, BundleInput> = {
    "a PFX": pfx(),
    "a legacy PFX": pfx("-legacy"),
    "a PFX without a MAC": pfx("-nomac", "-certpbe", "AES-256-CBC"),
    "a legacy PFX without a MAC": pfx("-legacy", "-nomac", "-certpbe", "PBE-SHA1-RC2-40"),
    "a PKCS#8 key": key("pkcs8", "-topk8"),
    "a PKCS#8 key in DER": key("pkcs8", "-topk8", "-outform", "DER"),
    "a scrypt key": key("pkcs8", "-topk8", "-scrypt"),
    "a 3DES key": key("pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"),
    "an RC2 key": key("pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-40", ...legacy),
    "a DES key": key("pkcs8", "-topk8", "-v1", "PBE-MD5-DES", ...legacy),
    "a traditional key": key(program, "-aes256"),
  };
  return Object.entries(inputs).flatMap(([name, input]) => {
    const [needed, wrong] = name.includes("PFX") ? ["The PFX", "the PFX"] : ["The private key", "the private key"];
    return [
      reads(`${name}, no password`, input, `${needed} is encrypted, ${missing}`),
      reads(`${name}, another password`, { ...input, password: `${password}!` }, `The password does not open ${wrong}.`),
      reads(`${name}, an empty password`, { ...input, password: "" }, `The password does not open ${wrong}.`),
    ];
  });
}

function dated({ pem }: Family): Refused[] {
  const { validFromDate, validToDate } = new X509Certificate(pem.leaf);
  const stamp = (date: Date): string => date.toISOString().replace(".000", "");
  const input = { bytes: bytes(pem.leaf, pem.intermediate, pem.root, pem.key) };
  const expired = `The certificate expired at ${stamp(validToDate)}.`;
  const early = `The certificate is not valid before ${stamp(validFromDate)}.`;
  return [
    imports("a second after its end", input, expired, validToDate.getTime() + 1000),
    imports("a year after its end", input, expired, validToDate.getTime() + 365 * day),
    imports("a second before its start", input, early, validFromDate.getTime() - 1000),
    imports("a year before its start", input, early, validFromDate.getTime() - 365 * day),
  ];
}

function chained({ openssl, pem }: Family): Refused[] {
  leaf(openssl, "stranger", algorithms["EC P-256"]);
  leaf(openssl, "line\nfeed", algorithms["EC P-256"]);
  const stranger = openssl.bytes("stranger.pem").toString();
  const broken = (name: string): string => `The chain is broken: the certificate of CN=${name} vouches for no other one.`;
  return [
    imports("a stranger in the chain", { bytes: bytes(pem.leaf, stranger, pem.intermediate, pem.root, pem.key) }, broken("stranger")),
    imports("a gap in the chain", { bytes: bytes(pem.leaf, pem.root, pem.key) }, broken("root")),
    imports("a stranger in the chain's file", { bytes: bytes(pem.leaf, pem.key), chainBytes: bytes(stranger) }, broken("stranger")),
    imports(
      "a stranger with a line feed",
      { bytes: bytes(pem.leaf, pem.key), chainBytes: openssl.bytes("line\nfeed.pem") },
      broken("line\\0Afeed"),
    ),
  ];
}

/** Keys that work, and that Key Vault does not take. */
function unsupported(openssl: Openssl): Refused[] {
  openssl(["genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024", "-out", "dsa.txt"]);
  const kinds: Record<string, readonly string[]> = {
    Ed25519: ["-algorithm", "ED25519"],
    Ed448: ["-algorithm", "ED448"],
    DSA: ["-paramfile", "dsa.txt"],
    "RSA-PSS": ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
    "RSA of 1024 bits": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
    "RSA of 2056 bits": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2056"],
    "the curve secp224r1": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp224r1"],
    "the curve brainpoolP256r1": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"],
  };
  return Object.entries(kinds).map(([kind, algorithm]) => {
    leaf(openssl, "odd", algorithm);
    const input = { bytes: openssl.bytes("odd.pem"), keyBytes: openssl.bytes("odd.key") };
    return imports(kind, input, `The private key uses ${kind}, which Key Vault does not take for certificates.`);
  });
}

/** Forms that are known by name, and bytes that are nothing at all. */
function unreadable({ openssl, pem }: Family): Refused[] {
  const pfx = (...args: string[]): Buffer =>
    openssl(["pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.pem", "-passout", `pass:${password}`, ...args]);
  const rc4 = (bits: string): Buffer => pfx("-legacy", "-keypbe", `PBE-SHA1-RC4-${bits}`, "-certpbe", `PBE-SHA1-RC4-${bits}`);
  const des = openssl(["rsa", "-in", "other.key", "-traditional", "-des", "-passout", `pass:${password}`, ...legacy]);
  const pkcs7 = (form: string): Buffer => openssl(["crl2pkcs7", "-nocrl", "-certfile", "leaf.pem", "-outform", form]);
  const relabelled = (label: string): Buffer => bytes(pem.leaf, pem.key.replaceAll("PRIVATE KEY", label));
  const unknown = "The input is neither PEM nor PFX nor DER, nor base64 of one of them.";
  const block = "A PEM block is damaged or not complete.";
  return [
    reads("128-bit RC4", { bytes: rc4("128"), password }, "It is encrypted with 128-bit RC4, which usc does not read."),
    reads("40-bit RC4", { bytes: rc4("40"), password }, "It is encrypted with 40-bit RC4, which usc does not read."),
    reads(
      "a traditional DES key",
      { bytes: bytes(pem.leaf), keyBytes: des, password },
      "The private key is encrypted with DES-CBC, which usc does not read.",
    ),
    reads(
      "an OpenSSH key",
      { bytes: relabelled("OPENSSH PRIVATE KEY") },
      "The private key is of the form OPENSSH PRIVATE KEY, which usc does not read.",
    ),
    reads(
      "a traditional DSA key",
      { bytes: relabelled("DSA PRIVATE KEY") },
      "The private key is of the form DSA PRIVATE KEY, which usc does not read.",
    ),
    reads("PKCS#7", { bytes: pkcs7("PEM") }, "It is a PKCS#7 file (.p7b), which usc does not read."),
    reads("PKCS#7 in DER", { bytes: pkcs7("DER") }, "It is a PKCS#7 file (.p7b), which usc does not read."),
    reads("nothing", { bytes: bytes("") }, unknown),
    reads("words", { bytes: bytes("not a certificate") }, unknown),
    reads("words in base64", { bytes: bytes(Buffer.from("not a certificate").toString("base64")) }, unknown),
    reads("zeros", { bytes: Buffer.alloc(1000) }, unknown),
    reads("no end", { bytes: bytes(pem.key, pem.leaf.slice(0, -10)) }, block),
    reads("a hole in the base64", { bytes: bytes(pem.key, pem.leaf.replace("MII", "M?I")) }, block),
    reads(
      "a base64 line lost",
      { bytes: bytes(pem.key, pem.leaf.replace(/\n.{64}\n/u, "\n")) },
      "A certificate is damaged or not complete.",
    ),
    reads(
      "a key that is none",
      { bytes: bytes(pem.leaf, pem.leaf.replaceAll("CERTIFICATE", "PRIVATE KEY")) },
      "The private key is damaged or not complete.",
    ),
    reads(
      "a request in DER",
      { bytes: openssl(["req", "-new", "-key", "leaf.key", "-subj", "/CN=x", "-outform", "DER"]) },
      "The input is damaged or not complete.",
    ),
    { name: "a certificate that is none", act: () => x509.describe(Buffer.from("no")), sentence: "The bytes are not a certificate." },
  ];
}
