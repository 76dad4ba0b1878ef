import { afterAll, describe, expect, it } from "vitest";
import { azureVaults } from "../../src/adapters/azure/index.ts";
import { pemType, pfxType } from "../../src/features/objects/certificate-port.ts";
import { errorDocument } from "../../src/kernel/errors.ts";
import { azureLab } from "../adapters/azure/azure-lab.ts";
import { algorithms, family } from "../adapters/x509/family.ts";
import { openssl } from "../adapters/x509/openssl.ts";
import { azureHouse } from "../support/azure-house.ts";
import { memoryStore } from "../support/memory-store.ts";
import { certificateFor } from "../support/test-certificates.ts";

const house = await azureHouse();
const judge = openssl();
const made = family(judge, algorithms["EC P-256"]);
const { pem } = made;
afterAll(() => judge.close());

const kind = { "object-type": "certificate" };
const chain = { "cert-data": pem.leaf, "key-data": pem.key, "chain-data": pem.root + pem.intermediate };

const create = (name: string, input: object) => house.call("create", { ...kind, "secret-name": name, ...input });
const get = (name: string, input: object = {}) => house.call("get", { ...kind, "secret-id": name, ...input });
const text = (answer: Record<string, unknown> | undefined): string => Buffer.from(String(answer?.["value"]), "base64").toString();
const named = async (input: object = {}): Promise<unknown[]> => {
  const { answer = {} } = await house.call("list", { ...input });
  return (answer["secrets_list"] as { name: string }[]).map(({ name }) => name);
};

describe("the list of certificates", () => {
  it("follows links with :443, over empty pages, to its end", async () => {
    const { control, ready, stop, vaultAt, clock, requests } = await azureLab(["demo"]);
    const environment = { https_proxy: ready.proxy_url };
    const certificates = await azureVaults({ store: memoryStore(), clock, environment }).certificates();
    const vault = vaultAt("demo", "real");
    const { pem: both, thumbprint } = certificateFor("one");
    for (let nth = 0; nth < 27; nth += 1) {
      await certificates.importBundle(vault, `c-${nth}`, { bytes: Buffer.from(both), contentType: pemType, thumbprint });
    }
    await control("PUT", "/settings", { emptyPages: 2 });
    await control("DELETE", "/requests");
    const rows: number[] = [];
    for await (const { items } of certificates.pages(vault)) rows.push(items.length);
    expect(rows).toEqual([0, 0, 25, 0, 0, 2]);
    expect(new Set((await requests()).map(({ host }) => host))).toEqual(new Set(["demo.vault.azure.net"]));
    await stop();
  });

  it("leaves no trace in the list of secrets, unless --include-managed asks for what stands behind them", async () => {
    await create("behind", chain);
    await house.call("create", { "secret-name": "plain", value: "v" });
    expect(await named()).toEqual(["plain"]);
    expect(await named({ "include-managed": true })).toEqual(["behind", "plain"]);
    expect(await named(kind)).toEqual(["behind"]);
  });
});

describe("a version before the latest, which comes without a policy", () => {
  it.each([
    [pemType, pfxType],
    [pfxType, pemType],
  ])("is read as %s beneath one of %s, with its own key and chain", async (first, second) => {
    const name = `old-${first.endsWith("file")}`;
    const { answer } = await create(name, { ...chain, "content-type": first });
    await house.call("update", { ...kind, "secret-id": name, value: certificateFor("two").pem, "content-type": second });
    const version = answer?.["version_id"];
    const old = await get(name, { "version-id": version });
    expect(old.answer).toMatchObject({ version_id: version, metadata: { type: first } });
    expect(text(old.answer)).toBe(pem.leaf + pem.intermediate + pem.root + judge(["pkey", "-in", "leaf.key"]).toString());
    expect((await get(name)).answer).toMatchObject({ metadata: { type: second, thumbprint: certificateFor("two").thumbprint } });
  });
});

it("ST= of a subject is shown as S=, as Key Vault's own policy has it", async () => {
  judge(["req", "-x509", "-new", "-key", "leaf.key", "-subj", "/C=AT/ST=Wien/O=Contoso, Ltd./CN=x", "-days", "9", "-out", "st.pem"]);
  await create("st", { "cert-data": judge.bytes("st.pem").toString(), "key-data": pem.key });
  const shown = (await get("st")).answer?.["metadata"] as { subject: string };
  expect(shown.subject).toBe('CN=x, O="Contoso, Ltd.", S=Wien, C=AT');
  expect((await house.wire("GET", "/certificates/st")).json.policy.x509_props.subject).toBe(shown.subject);
});

describe("a certificate whose policy keeps the key in", () => {
  const kept = [{ part: "private_key", why: "The policy of the certificate keeps its private key in the vault." }];

  it.each([pemType, pfxType])("comes out as %s with its chain, and says what is missing; so does an older version", async (contentType) => {
    const name = `kept-${contentType === pemType}`;
    const value = contentType === pemType ? pem.key + pem.leaf + pem.intermediate : undefined;
    const bytes = judge([
      "pkcs12",
      "-export",
      "-inkey",
      "leaf.key",
      "-in",
      "leaf.pem",
      "-certfile",
      "intermediate.pem",
      "-passout",
      "pass:",
    ]);
    const policy = { key_props: { exportable: false }, secret_props: { contentType } };
    const versions = [];
    for (const _ of [1, 2]) {
      const { json } = await house.wire("POST", `/certificates/${name}/import`, { value: value ?? bytes.toString("base64"), policy });
      versions.push(json.id.split("/").at(-1));
    }
    for (const version of versions) {
      const { answer } = await get(name, { "version-id": version });
      expect(answer).toMatchObject({ version_id: version, metadata: { type: contentType, not_included: kept } });
      expect(text(answer)).toBe(pem.leaf + pem.intermediate);
    }
  });

  it("is no PFX: forbidden, with what can be had instead", async () => {
    await create("in", { subject: "CN=in", exportable: false });
    const { exit, error } = await get("in", { "certificate-format": "pfx" });
    expect([exit, errorDocument(error)]).toEqual([
      6,
      {
        code: "forbidden",
        error: `A PFX of the certificate in needs its private key. ${kept[0]?.why}`,
        hint: "-o pem writes what may be read.",
      },
    ]);
  });
});

it("a disabled certificate is shown without key and chain, and how it is enabled", async () => {
  await create("off", { ...chain, enabled: false });
  const { answer } = await get("off");
  const why = "The certificate off is disabled. `usc update --enabled true --object-type certificate` enables it.";
  const missing = ["private_key", "chain"].map((part) => ({ part, why }));
  expect(answer).toMatchObject({ metadata: { status: false, not_included: missing } });
  expect(text(answer)).toBe(pem.leaf);
  await house.call("update", { ...kind, "secret-id": "off", enabled: true });
  expect((await get("off")).answer?.["metadata"]).not.toHaveProperty("not_included");
});

it("what is too large for Key Vault is refused by its size as stored, before any request", async () => {
  const comment = `nsComment=${"x".repeat(26_000)}`;
  judge(["req", "-x509", "-new", "-key", "leaf.key", "-subj", "/CN=x", "-days", "9", "-addext", comment, "-out", "large.pem"]);
  const before = (await house.control("GET", "/requests"))["requests"];
  const { exit, error } = await create("large", { "cert-data": judge.bytes("large.pem").toString(), "key-data": pem.key });
  expect([exit, errorDocument(error)]).toMatchObject([
    2,
    {
      error: expect.stringMatching(/^The certificate is too large: \d{5} bytes as stored; Key Vault takes 25600\.$/u),
      hint: "Leave out what the chain does not need, such as the root.",
    },
  ]);
  expect((await house.control("GET", "/requests"))["requests"]).toEqual(before);
});
