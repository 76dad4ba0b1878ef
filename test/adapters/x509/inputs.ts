import type { BundleInput } from "../../../src/features/objects/x509-port.ts";
import type { Family } from "./family.ts";
import { legacy } from "./openssl.ts";

export interface Case {
  name: string;
  input: BundleInput;
}

const passwords = { empty: "", ASCII: "correct horse", "UTF-8": "pä55-пароль-密" } as const;
type PasswordKind = keyof typeof passwords;

/** Forms of a private key, made from `leaf.key`: plain ones, and encrypted ones for a password. */
const plainForms = {
  "PKCS#8": () => ["pkey", "-in", "leaf.key"],
  traditional: ({ kind }: Family) => [kind === "RSA" ? "rsa" : "ec", "-in", "leaf.key", ...(kind === "RSA" ? ["-traditional"] : [])],
} as const;

const pkcs8 = (...how: string[]): string[] => ["pkcs8", "-topk8", "-in", "leaf.key", ...how];
const encryptedForms: Record<string, (family: Family) => string[]> = {
  "PKCS#8 AES-256": () => pkcs8("-v2", "aes-256-cbc"),
  "PKCS#8 AES-128 SHA-1": () => pkcs8("-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"),
  "PKCS#8 AES-192 SHA-512": () => pkcs8("-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA512"),
  "PKCS#8 PBES2 3DES": () => pkcs8("-v2", "des3"),
  "PKCS#8 scrypt": () => pkcs8("-scrypt"),
  "PKCS#8 PBE-SHA1-3DES": () => pkcs8("-v1", "PBE-SHA1-3DES"),
  "PKCS#8 PBE-SHA1-2DES": () => pkcs8("-v1", "PBE-SHA1-2DES"),
  "PKCS#8 PBE-SHA1-RC2-40": () => pkcs8("-v1", "PBE-SHA1-RC2-40", ...legacy),
  "PKCS#8 PBE-SHA1-RC2-128": () => pkcs8("-v1", "PBE-SHA1-RC2-128", ...legacy),
  "PKCS#8 PBE-MD5-DES": () => pkcs8("-v1", "PBE-MD5-DES", ...legacy),
  "PKCS#8 PBE-SHA1-DES": () => pkcs8("-v1", "PBE-SHA1-DES", ...legacy),
  "PKCS#8 PBE-SHA1-RC2-64": () => pkcs8("-v1", "PBE-SHA1-RC2-64", ...legacy),
  "traditional AES-256": (family) => [...plainForms.traditional(family), "-aes256"],
  "traditional AES-128": (family) => [...plainForms.traditional(family), "-aes128"],
  "traditional 3DES": (family) => [...plainForms.traditional(family), "-des3"],
};

const ways = {
  raw: (bytes: Buffer) => bytes,
  base64: (bytes: Buffer) => Buffer.from(bytes.toString("base64")),
  "base64 in lines": (bytes: Buffer) => Buffer.from(`${bytes.toString("base64").replace(/.{76}/gu, "$&\r\n")}\r\n`),
};
type Way = keyof typeof ways;
const wayNames: Way[] = ["raw", "base64", "base64 in lines"];

/** The parts of a PEM text in every order that a user may have them in, and apart. */
function orders({ pem, der }: Family, key: string): Record<string, BundleInput> {
  const { leaf, intermediate, root } = pem;
  const text = (...parts: string[]): Buffer => Buffer.from(parts.join(""));
  const crlf = (...parts: string[]): Buffer => Buffer.from(parts.join("").replaceAll("\n", "\r\n"));
  return {
    "leaf, chain, key": { bytes: text(leaf, intermediate, root, key) },
    "key, leaf, chain": { bytes: text(key, leaf, intermediate, root) },
    "root first": { bytes: text(root, intermediate, leaf, key) },
    "chain crossed": { bytes: text(root, key, leaf, intermediate) },
    "a certificate twice": { bytes: text(leaf, leaf, intermediate, root, intermediate, key) },
    "CRLF, text around": {
      bytes: crlf("Bag Attributes\n    friendlyName: a: b\n", root, "subject=/CN=x\n", key, "\n\n", leaf, intermediate, "end"),
    },
    "UTF-8 mark": { bytes: text("\uFEFF", leaf, intermediate, root, key) },
    "UTF-16": { bytes: Buffer.from(`\uFEFF${leaf}${intermediate}${root}${key}`, "utf16le") },
    "three files": { bytes: text(leaf), keyBytes: text(key), chainBytes: text(root, intermediate) },
    "two files": { bytes: text(leaf, intermediate, root), keyBytes: text(key) },
    "DER and PEM": { bytes: der.leaf, keyBytes: text(key), chainBytes: text(intermediate, root) },
  };
}

/** Every plain form in every order. */
function plainPem(family: Family): Case[] {
  return Object.entries(plainForms).flatMap(([form, args]) => {
    const key = family.openssl(args(family)).toString();
    return Object.entries(orders(family, key)).map(([order, input]) => ({ name: `PEM, ${form}, ${order}`, input }));
  });
}

/** Every encrypted form with every password, the orders taking turns. An empty password is nothing that OpenSSL's old way takes. */
function encryptedPem(family: Family): Case[] {
  return Object.entries(encryptedForms).flatMap(([form, args], at) =>
    passwordKinds(form.startsWith("traditional") ? ["ASCII", "UTF-8"] : undefined).flatMap((kind, turn) => {
      const key = family.openssl([...args(family), "-passout", `pass:${passwords[kind]}`]).toString();
      const all = Object.entries(orders(family, key));
      return [at + turn, at + turn + 5].flatMap((nth) => {
        const [order, input] = all[nth % all.length] ?? [];
        return input ? [{ name: `PEM, ${form}, ${kind} password, ${order}`, input: { ...input, password: passwords[kind] } }] : [];
      });
    }),
  );
}

const passwordKinds = (some?: PasswordKind[]): PasswordKind[] => some ?? (Object.keys(passwords) as PasswordKind[]);

const pfxForms: Record<string, string[]> = {
  modern: [],
  "modern SHA-512": ["-macalg", "sha512", "-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC"],
  "legacy RC2-40 and 3DES": ["-legacy"],
  "RC2-40": ["-legacy", "-keypbe", "PBE-SHA1-RC2-40", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "sha1"],
  "RC2-128": ["-legacy", "-keypbe", "PBE-SHA1-RC2-128", "-certpbe", "PBE-SHA1-RC2-128", "-macalg", "sha1"],
  "3DES": ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
  "certificates in the clear": ["-certpbe", "NONE"],
  "all in the clear": ["-keypbe", "NONE", "-certpbe", "NONE"],
  "without a MAC": ["-nomac", "-certpbe", "AES-256-CBC"],
  "legacy without a MAC": ["-legacy", "-nomac", "-certpbe", "PBE-SHA1-RC2-40"],
};

const pfxChains: Record<string, (pem: Family["pem"]) => string> = {
  "chain in order": ({ intermediate, root }) => intermediate + root,
  "root first": ({ intermediate, root }) => root + intermediate,
};

/** Every form with every password, orders and ways by turns; an empty password once more as none at all. */
function pfx(family: Family): Case[] {
  const { openssl, pem } = family;
  return Object.entries(pfxForms).flatMap(([form, args], at) =>
    passwordKinds().flatMap((kind, turn) => {
      const [order = "", chain] = Object.entries(pfxChains)[(at + turn) % 2] ?? [];
      openssl.file("chain.pem", chain?.(pem) ?? "");
      const made = ["pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.pem", "-certfile", "chain.pem", ...args];
      const bytes = openssl([...made, "-passout", `pass:${passwords[kind]}`]);
      const way = wayNames[(at + turn) % wayNames.length] ?? "raw";
      const name = `PFX, ${form}, ${order}, ${way}`;
      const given = { name: `${name}, ${kind} password`, input: { bytes: ways[way](bytes), password: passwords[kind] } };
      return kind === "empty" ? [given, { name: `${name}, no password`, input: { bytes } }] : [given];
    }),
  );
}

/** Key and certificates in DER, each in a file of its own. */
function apart(family: Family): Case[] {
  const { der, pem, openssl, kind } = family;
  const traditional = openssl([
    kind === "RSA" ? "rsa" : "ec",
    "-in",
    "leaf.key",
    "-outform",
    "DER",
    ...(kind === "RSA" ? ["-traditional"] : []),
  ]);
  const encrypted = openssl([...pkcs8("-v2", "aes-256-cbc"), "-outform", "DER", "-passout", `pass:${passwords.ASCII}`]);
  const chainBytes = Buffer.from(pem.root + pem.intermediate);
  return wayNames.flatMap((way) => [
    { name: `DER, PKCS#8, ${way}`, input: { bytes: ways[way](der.leaf), keyBytes: ways[way](der.key), chainBytes } },
    { name: `DER, traditional, ${way}`, input: { bytes: ways[way](der.leaf), keyBytes: ways[way](traditional), chainBytes } },
    {
      name: `DER, encrypted, ${way}`,
      input: { bytes: ways[way](der.leaf), keyBytes: ways[way](encrypted), chainBytes, password: passwords.ASCII },
    },
    { name: `PEM in base64, ${way}`, input: { bytes: ways[way](Buffer.from(pem.key + pem.leaf)), chainBytes } },
  ]);
}

/** With the uses that OpenSSL writes behind a certificate which a user trusts. */
function trusted({ openssl, pem }: Family): Case[] {
  const leaf = openssl(["x509", "-in", "leaf.pem", "-trustout", "-addtrust", "serverAuth"]).toString();
  return [{ name: "PEM, TRUSTED CERTIFICATE", input: { bytes: Buffer.from(leaf + pem.intermediate + pem.root + pem.key) } }];
}

export const inputs = (family: Family): Case[] => [
  ...plainPem(family),
  ...trusted(family),
  ...encryptedPem(family),
  ...pfx(family),
  ...apart(family),
];
