import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { UscError } from "../../src/kernel/errors.ts";
import { bombs } from "../adapters/x509/bombs.ts";
import { algorithms, family, type Family } from "../adapters/x509/family.ts";
import { type Case, inputs } from "../adapters/x509/inputs.ts";
import { openssl } from "../adapters/x509/openssl.ts";
import { password, type Refused, refused } from "../adapters/x509/refused.ts";
import { azureHouse } from "../support/azure-house.ts";
import { fieldsOf } from "../support/certificate-fields.ts";

const house = await azureHouse();
const count = { inputs: 0, refused: 0 };
const kind = { "object-type": "certificate" };
const passwords = ["", "correct horse", "pä55-пароль-密"];

const create = (name: string, input: Record<string, unknown>) => house.call("create", { ...kind, "secret-name": name, ...input });
const get = (name: string, input: Record<string, unknown> = {}) => house.call("get", { ...kind, "secret-id": name, ...input });
const bytesOf = (answer: Record<string, unknown> | undefined): Buffer => Buffer.from(String(answer?.["value"]), "base64");

describe.each(Object.entries(algorithms))("%s", (algorithm, flags) => {
  const made = family(openssl(), flags);
  afterAll(() => made.openssl.close());
  const prefix = algorithm.replace(" ", "-");
  const turn = Object.keys(algorithms).indexOf(algorithm);

  it("goes into the vault from every input and comes out key for key, certificate for certificate, in the order of the chain", async () => {
    const wrong: string[] = [];
    for (const [at, each] of inputs(made).entries()) {
      const outcome = await wayThrough(made, `${prefix}-${at}`, each);
      if (outcome !== "same") wrong.push(`${each.name}: ${outcome}`);
      count.inputs++;
    }
    expect(wrong).toEqual([]);
  });

  it.each(passwords.map((secret, at) => [at, secret] as const))(
    "comes out as a PFX under the password %i, which OpenSSL opens to the same key and certificates",
    async (at, secret) => {
      const answer = await get(`${prefix}-${turn * 3 + at}`, { "certificate-format": "pfx", "pfx-password": secret });
      expect(openedPfx(made, bytesOf(answer.answer), secret)).toBe(expectedPem(made));
    },
  );
});

describe("a bad input", () => {
  const judge = openssl();
  afterAll(() => judge.close());

  it.each([
    ["is refused with its own sentence, before any request", refused],
    ["that asks for too much work is refused before any request", bombs],
  ])("%s", async (_, make) => {
    const wrong: string[] = [];
    await create("warm", { subject: "CN=warm" });
    for (const each of make(judge)) {
      const outcome = await refusal(each);
      if (outcome === undefined) continue;
      if (outcome !== each.sentence) wrong.push(`${each.name}: ${outcome}`);
      // OpenSSL's queue of errors is one for the whole program: what a refusal leaves there would hang up the next connection.
      const after = await house.call("list", { ...kind, limit: 1, "max-retries": 0 });
      if (after.code !== "ok") wrong.push(`${each.name}: the next command: ${after.code}`);
      count.refused++;
    }
    expect(wrong).toEqual([]);
  });
});

afterAll(() => console.log(`certificates: ${count.inputs} inputs, ${count.refused} refused`));

/** `same`, or what came instead. */
async function wayThrough(made: Family, name: string, { name: said, input }: Case): Promise<string> {
  const created = await create(name, fieldsOf(input));
  if (created.code !== "ok") return `create: ${String(created.error)}`;
  const [whole, leaf] = [await get(name), await get(name, { "certificate-format": "der" })];
  const metadata = (whole.answer?.["metadata"] ?? {}) as Record<string, unknown>;
  if (bytesOf(whole.answer).toString() !== expectedPem(made)) return "another key, other certificates or another order";
  if (!bytesOf(leaf.answer).equals(made.der.leaf)) return "another leaf as DER";
  if (metadata["not_included"] !== undefined) return "not all is included";
  const type = said.startsWith("PFX") ? "application/x-pkcs12" : "application/x-pem-file";
  return metadata["type"] === type ? "same" : `kept as ${String(metadata["type"])}`;
}

const expected = new WeakMap<Family, string>();
/** As OpenSSL writes it. */
function expectedPem(made: Family): string {
  const { pem, openssl: judge } = made;
  const text = expected.get(made) ?? pem.leaf + pem.intermediate + pem.root + judge(["pkey", "-in", "leaf.key"]).toString();
  expected.set(made, text);
  return text;
}

function openedPfx({ openssl: judge }: Family, pfx: Buffer, secret: string): string {
  judge.file("out.pfx", pfx);
  const opened = judge(["pkcs12", "-in", "out.pfx", "-passin", `pass:${secret}`, "-nodes"]);
  const certificates = opened.toString().match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/gu) ?? [];
  return certificates.join("") + judge(["pkey"], opened).toString();
}

const most = 700_000;
const requests = async (): Promise<number> => ((await house.control("GET", "/requests"))["requests"] as unknown[]).length;

/** The sentence, where all is as it has to be: `usage`, nowhere the password, and no request. Undefined: nothing that a user can give. */
async function refusal({ input, signed, at }: Refused): Promise<string | undefined> {
  if (input === undefined && signed === undefined) return undefined;
  // In base64 it is over the limit, and refused for that.
  if (input !== undefined && [input.bytes, input.keyBytes, input.chainBytes].some((part) => (part?.length ?? 0) > most)) return undefined;
  const shift = at === undefined ? 0 : at - house.clock.now();
  const before = await requests();
  house.clock.leap(shift);
  const given = input === undefined ? { "merge-data": signed?.toString() } : fieldsOf(input);
  const { exit, error } = await create("refused", given);
  house.clock.leap(-shift);
  if (!(error instanceof UscError) || exit !== 2) return `exit ${exit}: ${String(error)}`;
  if ((await requests()) !== before) return "a request was made";
  return inspect(error, { depth: 9, showHidden: true }).includes(password) ? "the password was told" : error.message;
}
