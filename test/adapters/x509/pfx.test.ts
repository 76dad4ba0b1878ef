import { createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { ContentInfo, EncryptedContent, id_data, id_encryptedData, id_signedData } from "@peculiar/asn1-cms";
import { AuthenticatedSafe, MacData, PFX } from "@peculiar/asn1-pfx";
import { DigestInfo } from "@peculiar/asn1-rsa";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import pbe from "node-forge/lib/pbe.js";
import md from "node-forge/lib/md.all.js";
import util from "node-forge/lib/util.js";
import { afterAll, describe, expect, it } from "vitest";
import { newBudget, spend } from "../../../src/adapters/x509/budget.ts";
import { x509 } from "../../../src/adapters/x509/index.ts";
import { pkcs12Key, purposes } from "../../../src/adapters/x509/pkcs12-key.ts";
import { EncryptedData, Pbes2Parameters, Pbkdf2Parameters } from "../../../src/adapters/x509/shapes.ts";
import { authorities } from "./bombs.ts";
import { algorithms, family } from "./family.ts";
import { openssl } from "./openssl.ts";

const judge = openssl();
const { der } = family(judge, algorithms["EC P-256"]);
afterAll(() => judge.close());

const password = "correct horse";
const plain = (...args: string[]): Buffer =>
  judge(["pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.pem", "-passout", `pass:${password}`, ...args]);
const raw = (value: object): ArrayBuffer => AsnConvert.serialize(value);
const contentOf = (pfx: PFX): Buffer => Buffer.from(AsnConvert.parse(pfx.authSafe.content, OctetString).buffer);

describe("a PFX", () => {
  it("may be BER with indefinite lengths and a content in pieces, as Java and NSS write it", async () => {
    const pfx = AsnConvert.parse(plain(), PFX);
    const content = contentOf(pfx);
    const pieces = [content.subarray(0, 100), content.subarray(100, 350), content.subarray(350)];
    const end = Buffer.alloc(2);
    const octets = Buffer.concat([Buffer.from([0x24, 0x80]), ...pieces.map((each) => Buffer.from(raw(new OctetString(each)))), end]);
    const type = Buffer.from([0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]);
    const safe = Buffer.concat([Buffer.from([0x30, 0x80]), type, Buffer.from([0xa0, 0x80]), octets, end, end]);
    const ber = Buffer.concat([Buffer.from([0x30, 0x80, 2, 1, 3]), safe, Buffer.from(raw(pfx.macData)), end]);
    expect(judge(["pkcs12", "-passin", `pass:${password}`, "-nodes", "-nocerts"], ber).toString()).toContain("PRIVATE KEY");
    expect(await x509.readBundle({ bytes: ber, password })).toEqual({ key: der.key, leaf: der.leaf, chain: [] });
  });

  it("may have its encrypted certificates in pieces", async () => {
    const pfx = AsnConvert.parse(plain("-nomac", "-certpbe", "AES-256-CBC"), PFX);
    const [certificates, key] = AsnConvert.parse(contentOf(pfx), AuthenticatedSafe);
    const data = AsnConvert.parse(certificates?.content ?? new ArrayBuffer(), EncryptedData);
    const whole = Buffer.from(data.encryptedContentInfo.encryptedContent?.value?.buffer ?? new ArrayBuffer());
    const constructedValue = [whole.subarray(0, 7), whole.subarray(7)].map((piece) => new OctetString(piece));
    data.encryptedContentInfo.encryptedContent = new EncryptedContent({ constructedValue });
    const safes = new AuthenticatedSafe([new ContentInfo({ contentType: id_encryptedData, content: raw(data) }), ...(key ? [key] : [])]);
    const authSafe = new ContentInfo({ contentType: id_data, content: raw(new OctetString(raw(safes))) });
    // Without a MAC the library would write an empty one.
    const bytes = Buffer.from(raw(Object.assign(new PFX({ version: 3, authSafe }), { macData: undefined })));
    expect(judge(["pkcs12", "-passin", `pass:${password}`, "-nokeys"], bytes).toString()).toContain("CERTIFICATE");
    expect((await x509.readBundle({ bytes, password })).leaf).toEqual(der.leaf);
  });

  it("may hold a hundred certificates, also in the clear", async () => {
    judge.file("crowd.pem", authorities(judge, 99));
    const bytes = plain("-certfile", "crowd.pem", "-certpbe", "NONE");
    expect((await x509.readBundle({ bytes, password })).chain).toHaveLength(99);
  });

  it("may be sealed with PBMAC1 (RFC 9579), as OpenSSL 3.4 can", async () => {
    const pfx = AsnConvert.parse(plain(), PFX);
    const salt = randomBytes(16);
    const prf = new AlgorithmIdentifier({ algorithm: "1.2.840.113549.2.11", parameters: null });
    const derivation = Object.assign(new Pbkdf2Parameters(), { salt: new OctetString(salt), iterations: 2048, keyLength: 32, prf });
    const parameters = Object.assign(new Pbes2Parameters(), {
      derivation: new AlgorithmIdentifier({ algorithm: "1.2.840.113549.1.5.12", parameters: raw(derivation) }),
      scheme: new AlgorithmIdentifier({ algorithm: "1.2.840.113549.2.9", parameters: null }),
    });
    const digestAlgorithm = new AlgorithmIdentifier({ algorithm: "1.2.840.113549.1.5.14", parameters: raw(parameters) });
    const digest = createHmac("sha256", pbkdf2Sync(password, salt, 2048, 32, "sha512"))
      .update(contentOf(pfx))
      .digest();
    const mac = new DigestInfo({ digestAlgorithm, digest: new OctetString(digest) });
    const sealed = Buffer.from(raw(new PFX({ ...pfx, macData: new MacData({ mac, macSalt: new OctetString(salt), iterations: 1 }) })));
    expect((await x509.readBundle({ bytes: sealed, password })).key).toEqual(der.key);
    await expect(x509.readBundle({ bytes: sealed, password: "another" })).rejects.toThrow("The password does not open the PFX.");
  });

  it("that is sealed with a certificate is refused by name", async () => {
    const content = new ContentInfo({ contentType: id_data, content: raw(new OctetString(Buffer.alloc(1))) });
    const authSafe = new ContentInfo({ contentType: id_signedData, content: raw(content) });
    const bytes = Buffer.from(raw(new PFX({ version: 3, authSafe })));
    await expect(x509.readBundle({ bytes, password })).rejects.toThrow("sealed with a certificate instead of a password");
  });

  it("as usc writes it differs each time, and asks a guesser for 100,000 iterations in each of its three parts", async () => {
    const bundle = { key: der.key, leaf: der.leaf, chain: [der.intermediate] };
    const [one, two] = [await x509.writePfx(bundle, password), await x509.writePfx(bundle, password)];
    expect(one).not.toEqual(two);
    judge.file("made.pfx", one);
    const told = judge.told(["pkcs12", "-in", "made.pfx", "-passin", `pass:${password}`, "-noout", "-info"]);
    expect(told.match(/Iteration \d+/gu)).toEqual(Array.from({ length: 3 }, () => "Iteration 100000"));
    expect(await x509.readBundle({ bytes: one, password })).toEqual(bundle);
  });
});

describe("a PFX without a password", () => {
  it("as usc writes it costs nobody the work that a password is worth", async () => {
    judge.file("open.pfx", await x509.writePfx({ key: der.key, leaf: der.leaf, chain: [] }, ""));
    const told = judge.told(["pkcs12", "-in", "open.pfx", "-passin", "pass:", "-noout", "-info"]);
    expect(told.match(/Iteration \d+/gu)).toEqual(Array.from({ length: 3 }, () => "Iteration 2048"));
  });
});

describe("the key derivation of PKCS#12", () => {
  it("is node-forge's, for every digest, purpose, length and password", () => {
    const forge = md as Record<string, { create(): unknown }>;
    for (const digest of ["sha1", "sha256", "sha384", "sha512"] as const) {
      for (const purpose of ["key", "iv", "mac"] as const) {
        for (const text of [null, "", "a", "correct horse", "пароль".repeat(20)]) {
          const [length, iterations, salt] = [
            1 + (randomBytes(1)[0] ?? 0),
            1 + (randomBytes(1)[0] ?? 0),
            randomBytes(1 + ((randomBytes(1)[0] ?? 0) % 150)),
          ];
          const theirs = pbe.generatePkcs12Key(
            text,
            util.createBuffer(salt.toString("latin1")),
            purposes[purpose],
            iterations,
            length,
            forge[digest]?.create(),
          );
          const ours = pkcs12Key({ digest, purpose, password: text, salt, iterations, length });
          expect(ours.toString("latin1")).toBe(theirs.getBytes());
        }
      }
    }
  });
});

describe("the budget of iterations", () => {
  it("is one for all that an input asks for", () => {
    const budget = newBudget();
    expect(spend(budget, 1_999_999)).toBe(1_999_999);
    expect(spend(budget, 1)).toBe(1);
    expect(() => spend(budget, 1)).toThrow("asks for 1 iterations");
  });

  it("knows numbers of every size", () => {
    for (const none of [0, -1, "-99999999999", Number.NaN]) expect(() => spend(newBudget(), none)).toThrow("damaged");
    for (const many of [2_000_001, "99999999999", "9".repeat(100)]) expect(() => spend(newBudget(), many)).toThrow("usc goes to 2000000");
  });
});
