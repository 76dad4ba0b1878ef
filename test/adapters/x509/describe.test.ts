import { afterAll, describe, expect, it } from "vitest";
import { x509 } from "../../../src/adapters/x509/index.ts";
import { distinguishedName } from "../../../src/adapters/x509/names.ts";
import { algorithms } from "./family.ts";
import { openssl } from "./openssl.ts";

const judge = openssl();
afterAll(() => judge.close());

function certificate(subject: string, ...args: string[]): Buffer {
  judge(["genpkey", ...algorithms["EC P-256"], "-out", "key.pem"]);
  return judge(["req", "-x509", "-new", "-utf8", "-key", "key.pem", "-subj", subject, "-outform", "DER", ...args]);
}

const subjectOf = async (subject: string): Promise<string> => (await x509.describe(certificate(subject))).subject;

describe("what a certificate says of itself", () => {
  it("is what OpenSSL says", async () => {
    const made = certificate("/CN=x", "-days", "30");
    const said = await x509.describe(made);
    const told = judge(["x509", "-inform", "DER", "-noout", "-fingerprint", "-sha1", "-serial", "-dates"], made).toString();
    const [, thumbprint, serial, from, to] = /Fingerprint=(.+)\nserial=(.+)\nnotBefore=(.+)\nnotAfter=(.+)\n/u.exec(told) ?? [];
    expect(said).toMatchObject({ subject: "CN=x", issuer: "CN=x", thumbprint: thumbprint?.replaceAll(":", ""), serialNumber: serial });
    expect([said.notBefore, said.notAfter]).toEqual([Date.parse(from ?? ""), Date.parse(to ?? "")]);
    expect(said.thumbprint).toMatch(/^[0-9A-F]{40}$/u);
  });

  it("names its subject as Key Vault's policies do", async () => {
    expect(await subjectOf("/C=DE/ST=Bayern/L=München/O=A/OU=B/CN=x")).toBe("CN=x, OU=B, O=A, L=München, S=Bayern, C=DE");
    expect(await subjectOf("/emailAddress=a@b.example/CN=x")).toBe("CN=x, E=a@b.example");
    expect(await subjectOf('/O=A, "B" \\+ C/CN=x\\\\y')).toBe('CN=x\\y, O="A, ""B"" + C"');
    expect(await subjectOf("/O= a /CN=#1")).toBe('CN="#1", O=" a "');
    expect(distinguishedName("1.2.3.4=x\nCN=y")).toBe("CN=y, OID.1.2.3.4=x");
    expect(await subjectOf("/")).toBe("");
  });

  it("shows a line break or an escape in a name as what it is", async () => {
    expect(await subjectOf("/O=a\nCN=b/CN=x\u001B[2J")).toBe('CN=x\\1B[2J, O="a\\0ACN=b"');
  });

  it("lists its alternative names by kind", async () => {
    const upn = "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@corp.example";
    const names = `DNS:a.example,DNS:*.b.example,email:c@d.example,URI:https://e.example/f,IP:192.0.2.1,IP:2001:db8::1,${upn},RID:1.2.3`;
    const said = await x509.describe(certificate("/CN=x", "-addext", `subjectAltName=${names}`));
    expect(said.names).toEqual({
      dns: ["a.example", "*.b.example"],
      emails: ["c@d.example"],
      upns: ["user@corp.example"],
      uris: ["https://e.example/f"],
      ips: ["192.0.2.1", "2001:db8::1"],
    });
    expect((await x509.describe(certificate("/CN=x"))).names).toEqual({ dns: [], emails: [], upns: [], uris: [], ips: [] });
  });

  it("is not taken in by a name that looks like two", async () => {
    judge.file(
      "two.cnf",
      "[req]\ndistinguished_name = dn\n[dn]\n[ext]\nsubjectAltName = @names\n[names]\nURI.1 = http://a.example/, DNS:bank.example\n",
    );
    const said = await x509.describe(certificate("/CN=x", "-config", "two.cnf", "-extensions", "ext"));
    expect(said.names).toMatchObject({ dns: [], uris: ["http://a.example/, DNS:bank.example"] });
  });

  it.each([
    [["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"], { type: "RSA", size: 3072 }],
    [algorithms["EC P-521"], { type: "EC", curve: "P-521", size: 521 }],
    [["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], { type: "EC", curve: "P-256K", size: 256 }],
    [["-algorithm", "ED25519"], { type: "Ed25519" }],
  ])("names its key: %s", async (algorithm, key) => {
    judge(["genpkey", ...algorithm, "-out", "key.pem"]);
    const made = judge(["req", "-x509", "-new", "-key", "key.pem", "-subj", "/CN=x", "-outform", "DER"]);
    expect((await x509.describe(made)).key).toEqual(key);
  });
});
