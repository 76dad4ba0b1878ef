import { createPrivateKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { algorithms, family } from "../adapters/x509/family.ts";
import { openssl } from "../adapters/x509/openssl.ts";
import { localAzure } from "../support/local-azure.ts";
import { azWitness, pythonWitness, type Shown, sumOf, uscWitness } from "../support/witnesses.ts";

// Three clients that know nothing of each other, at the real names. Where one of them is missing, this fails: nothing else knows better.
const azure = await localAzure({ proxyPort: 0 });
const judge = openssl();
afterAll(async () => {
  judge.close();
  await azure.stop();
});
await azure.control("/settings", "PUT", { delays: { issue: 0 } });
const usc = await uscWitness(azure);
const witnesses = { az: await azWitness(azure), python: await pythonWitness(azure), usc };
const each = Object.entries(witnesses);
const writers = Object.keys(witnesses) as (keyof typeof witnesses)[];
const long = { timeout: 600_000 };

const made = family(judge, algorithms["RSA 2048"]);
const { pem } = made;
const password = "correct horse";
const file = (name: string, content: Uint8Array | string): string => {
  const path = join(azure.folder, name);
  writeFileSync(path, content);
  return path;
};
judge.file("chain.pem", pem.intermediate + pem.root);
const parts = ["-inkey", "leaf.key", "-in", "leaf.pem", "-certfile", "chain.pem"];
const files = {
  pem: file("bundle.pem", pem.key + pem.leaf + pem.intermediate + pem.root),
  pfx: file("bundle.pfx", judge(["pkcs12", "-export", ...parts, "-passout", `pass:${password}`])),
};

/** A key and its certificates, by sums alone: what differs is told, and what it is never. */
function sums(text: string): { key: string; certificates: string[] } {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? [];
  const key = createPrivateKey(text).export({ type: "pkcs8", format: "der" });
  return { key: sumOf(key), certificates: certificates.map((one) => sumOf(judge(["x509", "-outform", "DER"], Buffer.from(one)))) };
}

/** What OpenSSL finds in a secret behind a certificate. */
function opened({ secret, type }: Pick<Shown, "secret" | "type">): ReturnType<typeof sums> {
  if (type !== "application/x-pkcs12") return sums(secret);
  return sums(judge(["pkcs12", "-passin", "pass:", "-nodes"], Buffer.from(secret, "base64")).toString());
}

/** What all three show of a certificate, where they show the same; and `-o pem` holds what the secret holds. */
async function shown(name: string) {
  const all = await Promise.all(
    each.map(async ([, witness]) => {
      const { der, secret, ...more } = await witness.read(name);
      return { told: { ...more, der: sumOf(der), secret: sumOf(secret) }, bundle: opened({ secret, type: more.type }) };
    }),
  );
  const [first, ...others] = all;
  if (first === undefined) throw new Error("nobody was asked");
  for (const other of others) expect(other).toEqual(first);
  expect(sums(await usc.pem(name))).toEqual(first.bundle);
  expect(first.bundle.certificates[0]).toBe(first.told.der);
  return { ...first.told, ...first.bundle };
}

const { leaf, intermediate, root, key } = made.der;
const given = { key: sumOf(key), certificates: [leaf, intermediate, root].map(sumOf) };

it.each(writers)("a PEM and a PFX that %s imports are the same to all, byte for byte, with chain, key and tag", long, async (writer) => {
  const { importPem, importPfx, tag } = witnesses[writer];
  await Promise.all([importPem(`${writer}-pem`, files.pem), importPfx(`${writer}-pfx`, files.pfx, password)]);
  await tag(`${writer}-pem`, { by: writer });
  expect(await shown(`${writer}-pem`)).toMatchObject({ ...given, type: "application/x-pem-file", tags: { by: writer } });
  expect(await shown(`${writer}-pfx`)).toMatchObject({ ...given, type: "application/x-pkcs12", tags: {} });
});

it.each(writers)("a certificate that %s has made is the same to all, private key included", long, async (writer) => {
  await witnesses[writer].make(`${writer}-own`);
  expect((await shown(`${writer}-own`)).certificates).toHaveLength(1);
});

it("all list the same names", long, async () => {
  const names = writers.flatMap((writer) => ["own", "pem", "pfx"].map((kind) => `${writer}-${kind}`)).toSorted();
  for (const [, witness] of each) expect(await witness.names()).toEqual(names);
});

const values = { text: Buffer.from("zwei\r\nZeilen, 密 \n"), binary: Buffer.from([0, 255, 13, 10, 128, 0, 61]) };

it.each(writers)("a text and bytes that %s puts into secrets come out of all, byte for byte", long, async (writer) => {
  for (const form of ["text", "binary"] as const) {
    const name = `${writer}-${form}`;
    await witnesses[writer].put(name, file(name, values[form]), form);
    for (const [reader, witness] of each) expect([reader, sumOf(await witness.take(name))]).toEqual([reader, sumOf(values[form])]);
  }
});

it("none of them went to another address than the vault's real name", async () => {
  const hosts = (await azure.requests()).map(({ host }) => host).filter((host) => host.includes("vault"));
  expect(new Set(hosts)).toEqual(new Set(["demo.vault.azure.net"]));
});
