import { X509Certificate } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { algorithms, family } from "../adapters/x509/family.ts";
import { type Case, inputs } from "../adapters/x509/inputs.ts";
import { openssl } from "../adapters/x509/openssl.ts";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
const judge = openssl();
afterAll(async () => {
  judge.close();
  await lab.stop();
});
const { usc } = lab;
const kind = ["--usc-name", "kv", "--object-type", "certificate"];
const made = family(judge, algorithms["EC P-256"]);
const { pem, der } = made;
const whole = pem.leaf + pem.intermediate + pem.root + judge(["pkey", "-in", "leaf.key"]).toString();

let written = 0;
function file(bytes: Uint8Array | string): string {
  const path = join(lab.folder, `given-${(written += 1)}`);
  writeFileSync(path, bytes);
  return path;
}

/** As a user types it: one file is the value, and several have a flag each. */
function flagsOf({ bytes, keyBytes, chainBytes, password }: Case["input"]): string[] {
  const flag = (name: string, given: Uint8Array | string | undefined): string[] => (given === undefined ? [] : [`--${name}`, file(given)]);
  const one = keyBytes === undefined && chainBytes === undefined;
  return [
    ...flag(one ? "value-file" : "cert-file", bytes),
    ...flag("key-file", keyBytes),
    ...flag("chain-file", chainBytes),
    ...flag("pfx-password-file", password),
  ];
}

/** One of each container, key form, way and password. */
const chosen = [
  "PEM, PKCS#8, CRLF, text around",
  "PEM, PKCS#8, UTF-16",
  "PEM, traditional, three files",
  "PEM, PKCS#8 AES-256, UTF-8 password, root first",
  "PEM, traditional AES-256, ASCII password, key, leaf, chain",
  "PFX, modern, chain in order, raw, no password",
  "PFX, modern, chain in order, raw, empty password",
  "PFX, legacy RC2-40 and 3DES, root first, raw, ASCII password",
  "PFX, modern, chain in order, base64 in lines, UTF-8 password",
  "DER, encrypted, raw",
  "DER, PKCS#8, base64",
  "PEM in base64, base64 in lines",
];
const slice = inputs(made).filter(({ name }) => chosen.includes(name));
const bytesOf = (json: Record<string, unknown>): string => Buffer.from(String(json["value"]), "base64").toString();

function opened(pfx: Buffer, password: string): string {
  judge.file("out.pfx", pfx);
  const text = judge(["pkcs12", "-in", "out.pfx", "-passin", `pass:${password}`, "-nodes"]);
  return (
    text
      .toString()
      .match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/gu)
      ?.join("") ?? ""
  );
}

it("the slice has every input that it names", () => expect(slice.map(({ name }) => name)).toEqual(expect.arrayContaining(chosen)));

it.each(slice.map((each, at) => [each.name, `f-${at}`, each] as const))(
  "%s: from files, and out again in every form",
  async (_, name, { input }) => {
    const created = await usc(["create", ...kind, "-s", name, ...flagsOf(input)]);
    expect([created.exit, created.stderr]).toEqual([0, ""]);
    expect(created.json["thumbprint"]).toBe(new X509Certificate(der.leaf).fingerprint.replaceAll(":", ""));
    const [json, text, binary, pfx] = await Promise.all([
      usc(["get", ...kind, "-s", name]),
      usc(["get", ...kind, "-s", name, "-o", "pem"]),
      usc(["get", ...kind, "-s", name, "-o", "der"]),
      usc(["get", ...kind, "-s", name, "-o", "pfx", "--pfx-password-file", "-"], { input: "pä55" }),
    ]);
    expect([bytesOf(json.json), text.stdout, json.json["binary_value"]]).toEqual([whole, whole, false]);
    expect(binary.bytes).toEqual(der.leaf);
    expect(opened(pfx.bytes, "pä55")).toBe(whole);
  },
);

describe("--out-file", () => {
  const out = (form: string): string => join(lab.folder, `out-${form}`);

  it.each([
    ["pem", (bytes: Buffer) => expect(bytes.toString()).toBe(whole)],
    ["der", (bytes: Buffer) => expect(bytes).toEqual(der.leaf)],
    ["pfx", (bytes: Buffer) => expect(opened(bytes, "")).toBe(whole)],
  ])("gets the %s alone, is 0600, and replaces only with --force", async (form, check) => {
    const path = out(form);
    const argv = ["get", ...kind, "-s", "f-0", "-o", form, "--out-file", path];
    const first = await usc(argv);
    expect([first.exit, first.stdout, first.stderr]).toEqual([0, "", ""]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    check(readFileSync(path));
    writeFileSync(path, "mine");
    const again = await usc(argv);
    expect([again.exit, again.failure]).toMatchObject([4, { code: "conflict", hint: "Give --force to replace it." }]);
    expect(readFileSync(path, "utf8")).toBe("mine");
    expect((await usc([...argv, "--force"])).exit).toBe(0);
    check(readFileSync(path));
  });
});

it("a new version comes from files as well, and the one before stays as it was", async () => {
  const updated = await usc(["update", ...kind, "-s", "f-0", "--cert-file", file(der.leaf), "--key-file", file(pem.key)]);
  expect(updated.exit).toBe(0);
  expect((await usc(["get", ...kind, "-s", "f-0", "-o", "pem"])).stdout).toBe(pem.leaf + whole.slice(whole.indexOf("-----BEGIN PRIVATE")));
  const { versions } = (await usc(["versions", ...kind, "-s", "f-0"])).json as { versions: { version_id: string }[] };
  const before = versions.find(({ version_id: version }) => version !== updated.json["version_id"])?.version_id ?? "";
  expect((await usc(["get", ...kind, "-s", `f-0/${before}`, "-o", "pem"])).stdout).toBe(whole);
});

it("what is refused ends with exit 2, its sentence on stderr and nothing on stdout", async () => {
  await lab.control("/requests", "DELETE");
  const protectedPfx = judge(["pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.pem", "-passout", "pass:right"]);
  const cases: [string[], string][] = [
    [["--value-file", file(pem.leaf)], "There is no private key beside the certificate."],
    [["--key-file", file(pem.key)], "There is no certificate beside the key or chain."],
    [["--value-file", file(protectedPfx)], "The PFX is encrypted, and no password was given."],
    [["--value-file", file(protectedPfx), "--pfx-password-file", file("wrong")], "The password does not open the PFX."],
    [["--value-file", file(pem.leaf + pem.root + pem.key)], "The chain is broken: the certificate of CN=root vouches for no other one."],
  ];
  for (const [argv, sentence] of cases) {
    const { exit, stdout, failure } = await usc(["create", ...kind, "-s", "bad", ...argv]);
    expect([exit, stdout, failure.code, failure.error]).toEqual([2, "", "usage", sentence]);
  }
  expect(await lab.requests()).toEqual([]);
});
