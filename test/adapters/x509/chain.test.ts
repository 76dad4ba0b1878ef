import { afterAll, describe, expect, it } from "vitest";
import { x509 } from "../../../src/adapters/x509/index.ts";
import { algorithms, family } from "./family.ts";
import { openssl } from "./openssl.ts";

const judge = openssl();
const { der, pem } = family(judge, algorithms["EC P-256"]);
afterAll(() => judge.close());

const text = (...parts: string[]): Buffer => Buffer.from(parts.join(""));

describe("a chain", () => {
  it("may have a root that another root signed as well", async () => {
    judge(["genpkey", ...algorithms["EC P-256"], "-out", "older.key"]);
    judge(["req", "-x509", "-new", "-key", "older.key", "-subj", "/CN=older", "-out", "older.pem"]);
    const cross = ["-subj", "/CN=root", "-CA", "older.pem", "-CAkey", "older.key", "-out", "cross.pem"];
    judge(["req", "-x509", "-new", "-key", "root.key", ...cross]);
    const [older, crossed] = ["older.pem", "cross.pem"].map((name) => judge.bytes(name).toString());
    const bundle = await x509.readBundle({ bytes: text(older ?? "", crossed ?? "", pem.root, pem.intermediate, pem.leaf, pem.key) });
    x509.checkForImport(bundle, Date.now());
    expect(x509.writePem({ leaf: bundle.leaf, chain: bundle.chain }).toString()).toBe(
      [pem.leaf, pem.intermediate, crossed, pem.root, older].join(""),
    );
  });

  it("may end where two authorities vouch for each other", async () => {
    for (const name of ["one", "two"]) judge(["genpkey", ...algorithms["EC P-256"], "-out", `${name}.key`]);
    judge(["req", "-x509", "-new", "-key", "one.key", "-subj", "/CN=one", "-out", "self.pem"]);
    judge(["req", "-x509", "-new", "-key", "two.key", "-subj", "/CN=two", "-CA", "self.pem", "-CAkey", "one.key", "-out", "two.pem"]);
    judge(["req", "-x509", "-new", "-key", "one.key", "-subj", "/CN=one", "-CA", "two.pem", "-CAkey", "two.key", "-out", "one.pem"]);
    judge(["req", "-x509", "-new", "-key", "leaf.key", "-subj", "/CN=x", "-CA", "two.pem", "-CAkey", "two.key", "-out", "x.pem"]);
    const [one, two, x] = ["one.pem", "two.pem", "x.pem"].map((name) => judge.bytes(name).toString());
    const bundle = await x509.readBundle({ bytes: text(one ?? "", two ?? "", x ?? "", pem.key) });
    x509.checkForImport(bundle, Date.now());
    expect(bundle.chain).toHaveLength(2);
  });

  it("is read whole where it is broken, or out of date, or of a key that Key Vault does not take: what a vault holds comes out", async () => {
    judge(["req", "-x509", "-new", "-key", "root.key", "-subj", "/CN=stranger", "-out", "stranger.pem"]);
    const bundle = await x509.readBundle({
      bytes: text(judge.bytes("stranger.pem").toString(), pem.root, pem.leaf, pem.intermediate, pem.key),
    });
    expect(bundle.chain.slice(0, 2)).toEqual([der.intermediate, der.root]);
    expect(bundle.chain).toHaveLength(3);
  });

  it("may lack its root, or everything above the leaf", async () => {
    for (const parts of [
      [pem.leaf, pem.key],
      [pem.intermediate, pem.leaf, pem.key],
    ]) {
      x509.checkForImport(await x509.readBundle({ bytes: text(...parts) }), Date.now());
    }
  });

  it("without a key begins with the certificate that vouches for no other", async () => {
    const certificates = await x509.readCertificates(text(pem.root, pem.leaf, pem.intermediate));
    expect(certificates).toEqual({ leaf: der.leaf, chain: [der.intermediate, der.root] });
    expect(await x509.readCertificates(der.root)).toEqual({ leaf: der.root, chain: [] });
  });

  it("is taken from a text whose keys are passed over, also encrypted ones", async () => {
    const key = judge(["pkcs8", "-topk8", "-in", "leaf.key", "-passout", "pass:unknown"]).toString();
    expect((await x509.readCertificates(text(key, pem.leaf))).leaf).toEqual(der.leaf);
  });
});
