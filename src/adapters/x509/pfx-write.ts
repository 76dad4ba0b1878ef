import { createCipheriv, createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { ContentInfo, EncryptedContent, EncryptedContentInfo, id_data, id_encryptedData } from "@peculiar/asn1-cms";
import {
  AuthenticatedSafe,
  CertBag,
  id_certBag,
  id_pkcs8ShroudedKeyBag,
  id_x509Certificate,
  MacData,
  PFX,
  PKCS12Attribute,
  SafeBag,
  SafeContents,
} from "@peculiar/asn1-pfx";
import { EncryptedPrivateKeyInfo } from "@peculiar/asn1-pkcs8";
import { DigestInfo } from "@peculiar/asn1-rsa";
import { OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import type { Bundle } from "../../features/objects/x509-port.ts";
import { pkcs12Key } from "./pkcs12-key.ts";
import { EncryptedData, Pbes2Parameters, Pbkdf2Parameters, serialize } from "./shapes.ts";

// Both for the encryption and for the MAC: a guesser takes the cheaper one. A third of a second, once per export; an empty password is known to all.
const iterationsFor = (password: string): number => (password === "" ? 2048 : 100_000);
const localKeyId = "1.2.840.113549.1.9.21";
const sha256 = "2.16.840.1.101.3.4.2.1";

/** See the port. What OpenSSL 3, Java 8u301 and Windows Server 2019 write and read. */
export function writePfx({ key, leaf, chain }: Bundle, password: string): Buffer {
  // Its constructor drops what it is given.
  const link = Object.assign(new PKCS12Attribute(), {
    attrId: localKeyId,
    attrValues: [raw(octets(createHash("sha1").update(leaf).digest()))],
  });
  const certificates = [certificateBag(leaf, link), ...chain.map((each) => certificateBag(each))];
  const shrouded = new EncryptedPrivateKeyInfo(named(protect(key, password)));
  const keyBag = new SafeBag({ bagId: id_pkcs8ShroudedKeyBag, bagValue: raw(shrouded), bagAttributes: [link] });
  const content = serialize(
    new AuthenticatedSafe([
      encryptedSafe(protect(serialize(new SafeContents(certificates)), password)),
      new ContentInfo({ contentType: id_data, content: raw(octets(serialize(new SafeContents([keyBag])))) }),
    ]),
  );
  const authSafe = new ContentInfo({ contentType: id_data, content: raw(octets(content)) });
  return serialize(new PFX({ version: 3, authSafe, macData: macOf(content, password) }));
}

interface Protected {
  algorithm: AlgorithmIdentifier;
  data: Buffer;
}

/** PBES2: PBKDF2 with HMAC-SHA-256, AES-256 in CBC mode. */
function protect(plain: Buffer, password: string): Protected {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const iterations = iterationsFor(password);
  const key = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  key.fill(0);
  const prf = new AlgorithmIdentifier({ algorithm: "1.2.840.113549.2.9", parameters: null });
  const derivation = Object.assign(new Pbkdf2Parameters(), { salt: octets(salt), iterations, prf });
  const parameters = Object.assign(new Pbes2Parameters(), {
    derivation: new AlgorithmIdentifier({ algorithm: "1.2.840.113549.1.5.12", parameters: raw(derivation) }),
    scheme: new AlgorithmIdentifier({ algorithm: "2.16.840.1.101.3.4.1.42", parameters: raw(octets(iv)) }),
  });
  return { algorithm: new AlgorithmIdentifier({ algorithm: "1.2.840.113549.1.5.13", parameters: raw(parameters) }), data };
}

const named = ({ algorithm, data }: Protected) => ({ encryptionAlgorithm: algorithm, encryptedData: octets(data) });

function encryptedSafe({ algorithm, data }: Protected): ContentInfo {
  const encryptedContentInfo = new EncryptedContentInfo({
    contentType: id_data,
    contentEncryptionAlgorithm: algorithm,
    encryptedContent: new EncryptedContent({ value: octets(data) }),
  });
  return new ContentInfo({ contentType: id_encryptedData, content: raw(Object.assign(new EncryptedData(), { encryptedContentInfo })) });
}

function certificateBag(der: Buffer, link?: PKCS12Attribute): SafeBag {
  const bag = new CertBag({ certId: id_x509Certificate, certValue: raw(octets(der)) });
  return new SafeBag({ bagId: id_certBag, bagValue: raw(bag), ...(link ? { bagAttributes: [link] } : {}) });
}

function macOf(content: Buffer, password: string): MacData {
  const salt = randomBytes(16);
  const iterations = iterationsFor(password);
  const key = pkcs12Key({ digest: "sha256", purpose: "mac", password, salt, iterations, length: 32 });
  const digest = createHmac("sha256", key).update(content).digest();
  key.fill(0);
  const digestAlgorithm = new AlgorithmIdentifier({ algorithm: sha256, parameters: null });
  return new MacData({ mac: new DigestInfo({ digestAlgorithm, digest: octets(digest) }), macSalt: octets(salt), iterations });
}

const octets = (bytes: Buffer): OctetString => new OctetString(bytes);

/** The library takes ArrayBuffers where a field may hold anything. */
const raw = (value: object): ArrayBuffer => new Uint8Array(serialize(value)).buffer;
