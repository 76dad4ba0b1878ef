import { ContentInfo, EncryptedContent, EncryptedContentInfo, id_data, id_encryptedData } from "@peculiar/asn1-cms";
import {
  AuthenticatedSafe,
  CertBag,
  id_certBag,
  id_pkcs8ShroudedKeyBag,
  id_x509Certificate,
  MacData,
  PFX,
  SafeBag,
  SafeContents,
} from "@peculiar/asn1-pfx";
import { EncryptedPrivateKeyInfo } from "@peculiar/asn1-pkcs8";
import { DigestInfo } from "@peculiar/asn1-rsa";
import { AsnConvert, AsnProp, AsnPropTypes, AsnType, AsnTypeTypes, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { createHmac, randomBytes, type KeyObject } from "node:crypto";
import forge from "node-forge";
import { bytes } from "./certificate.ts";

const iterations = 2_000;
const sha1 = "1.3.14.3.2.26";

/** RFC 5652, 8. The schemas leave it out; their decorators are called as functions, since Node strips types and no decorators. */
class EncryptedData {
  version = 0;
  encryptedContentInfo = new EncryptedContentInfo();
}
AsnType({ type: AsnTypeTypes.Sequence })(EncryptedData);
AsnProp({ type: AsnPropTypes.Integer })(EncryptedData.prototype, "version");
AsnProp({ type: EncryptedContentInfo })(EncryptedData.prototype, "encryptedContentInfo");

/**
 * A PFX with an empty password, as the secret behind a certificate has it. 3DES and SHA-1 throughout, as .NET on Windows writes them
 * by default; without a key, for one that may not leave the vault, it holds the certificates alone.
 */
export function writePfx(key: KeyObject | undefined, certificates: readonly Buffer[]): Buffer {
  const shown = new SafeContents(certificates.map(certificateBag));
  const safes = [encrypted(AsnConvert.serialize(shown)), ...(key === undefined ? [] : [plain(new SafeContents([keyBag(key)]))])];
  const content = AsnConvert.serialize(new AuthenticatedSafe(safes));
  const authSafe = new ContentInfo({ contentType: id_data, content: octets(content) });
  return Buffer.from(AsnConvert.serialize(new PFX({ version: 3, authSafe, macData: macOf(Buffer.from(content)) })));
}

function certificateBag(der: Buffer): SafeBag {
  const certificate = new CertBag({ certId: id_x509Certificate, certValue: octets(der) });
  return new SafeBag({ bagId: id_certBag, bagValue: AsnConvert.serialize(certificate) });
}

function keyBag(key: KeyObject): SafeBag {
  const shrouded = shroud(key.export({ type: "pkcs8", format: "der" }));
  return new SafeBag({ bagId: id_pkcs8ShroudedKeyBag, bagValue: AsnConvert.serialize(shrouded) });
}

function shroud(der: Uint8Array): EncryptedPrivateKeyInfo {
  const value = forge.asn1.fromDer(Buffer.from(der).toString("latin1"));
  const sealed = forge.pki.encryptPrivateKeyInfo(value, "", { algorithm: "3des", count: iterations, saltSize: 8 });
  return AsnConvert.parse(Buffer.from(forge.asn1.toDer(sealed).getBytes(), "latin1"), EncryptedPrivateKeyInfo);
}

function plain(content: SafeContents): ContentInfo {
  return new ContentInfo({ contentType: id_data, content: octets(AsnConvert.serialize(content)) });
}

function encrypted(content: ArrayBuffer): ContentInfo {
  const { encryptionAlgorithm, encryptedData } = shroud(new Uint8Array(content));
  const encryptedContentInfo = new EncryptedContentInfo({
    contentType: id_data,
    contentEncryptionAlgorithm: encryptionAlgorithm,
    encryptedContent: new EncryptedContent({ value: encryptedData }),
  });
  const data = Object.assign(new EncryptedData(), { encryptedContentInfo });
  return new ContentInfo({ contentType: id_encryptedData, content: AsnConvert.serialize(data) });
}

function macOf(content: Buffer): MacData {
  const salt = randomBytes(8);
  const key = forge.pkcs12.generateKey("", forge.util.createBuffer(salt.toString("latin1")), 3, iterations, 20);
  const digest = createHmac("sha1", Buffer.from(key.getBytes(), "latin1")).update(content).digest();
  const digestAlgorithm = new AlgorithmIdentifier({ algorithm: sha1, parameters: null });
  const mac = new DigestInfo({ digestAlgorithm, digest: new OctetString(bytes(digest)) });
  return new MacData({ mac, macSalt: new OctetString(bytes(salt)), iterations });
}

function octets(content: ArrayBuffer | Uint8Array): ArrayBuffer {
  return AsnConvert.serialize(new OctetString(bytes(new Uint8Array(content))));
}
