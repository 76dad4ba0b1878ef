import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { x509 } from "../../../src/adapters/x509/index.ts";
import { UscError } from "../../../src/kernel/errors.ts";
import { bombs } from "./bombs.ts";
import { algorithms, family, type Family } from "./family.ts";
import { inputs } from "./inputs.ts";
import { openssl } from "./openssl.ts";
import { password, refused } from "./refused.ts";

let read = 0;
let refusedCount = 0;
/** Of the processor, in microseconds. */
const mostWork = 3_000_000;

describe.each(Object.entries(algorithms))("%s", (_, algorithm) => {
  const made = family(openssl(), algorithm);
  afterAll(() => made.openssl.close());

  it("comes out of every container, key form, password and order as OpenSSL has it", async () => {
    const wrong: string[] = [];
    for (const { name, input } of inputs(made)) {
      const outcome = await asOpenssl(made, input);
      if (outcome !== "same") wrong.push(`${name}: ${outcome}`);
      read++;
    }
    expect(wrong).toEqual([]);
  });

  it("goes into a PEM and a PFX that OpenSSL reads as the same key and certificates", async () => {
    const { der, pem, openssl: judge } = made;
    const bundle = { key: der.key, leaf: der.leaf, chain: [der.intermediate, der.root] };
    expect(x509.writePem(bundle).toString()).toBe(pem.leaf + pem.intermediate + pem.root + judge(["pkey", "-in", "leaf.key"]).toString());
    for (const chosen of ["", "correct horse", "pä55-пароль-密"]) {
      judge.file("made.pfx", await x509.writePfx(bundle, chosen));
      const opened = judge(["pkcs12", "-in", "made.pfx", "-passin", `pass:${chosen}`, "-nodes"]);
      expect(judge(["pkey", "-outform", "DER"], opened)).toEqual(judge(["pkey", "-in", "leaf.key", "-outform", "DER"]));
      expect(pemCertificates(opened)).toBe(pem.leaf + pem.intermediate + pem.root);
    }
  });
});

describe("a bad input", () => {
  const judge = openssl();
  afterAll(() => judge.close());

  it.each([
    ["is refused with the sentence of its fault", refused],
    ["is refused before the work that it asks for", bombs],
  ])("%s", async (_, make) => {
    const wrong: string[] = [];
    for (const { name, act, sentence } of make(judge)) {
      const before = process.cpuUsage();
      const said = await refusalOf(act);
      const { user, system } = process.cpuUsage(before);
      if (said !== sentence) wrong.push(`${name}: ${said}`);
      if (user + system > mostWork) wrong.push(`${name}: worked ${Math.round((user + system) / 1000)} ms`);
      refusedCount++;
    }
    expect(wrong).toEqual([]);
  });
});

afterAll(() => console.log(`x509: ${read} inputs, ${refusedCount} refused`));

/** The sentence, where all is as it has to be: `usage`, and nowhere the password. */
async function refusalOf(act: () => Promise<unknown>): Promise<string> {
  const thrown: unknown = await act().then(
    () => new Error("it was taken"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof UscError) || thrown.code !== "usage") return String(thrown);
  return inspect(thrown, { depth: 9, showHidden: true }).includes(password) ? "the password was told" : thrown.message;
}

const pemCertificates = (text: Buffer): string =>
  (text.toString().match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/gu) ?? []).join("");

/** `same`, or what came instead. Written, it is compared as text: the other test shows OpenSSL that text. */
async function asOpenssl({ der, pem }: Family, input: Parameters<typeof x509.readBundle>[0]): Promise<string> {
  try {
    const bundle = await x509.readBundle(input);
    x509.checkForImport(bundle, Date.now());
    if (!bundle.key.equals(der.key)) return "another key";
    const written = x509.writePem(bundle).toString();
    return written.startsWith(pem.leaf + pem.intermediate + pem.root) ? "same" : "other certificates, or another order";
  } catch (error) {
    return String(error);
  }
}
