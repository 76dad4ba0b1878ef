import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type CertificateAdapter, type CertificateWish, pemType } from "../../src/features/objects/certificate-port.ts";
import type { Vault } from "../../src/features/objects/port.ts";
import { certificateFor, signedOutside } from "../support/test-certificates.ts";
import { shelfContract } from "./shelf.ts";

export interface CertificateWorld {
  adapter: CertificateAdapter;
  vault: Vault;
  /** A vault of the same world in which the target has no role. */
  forbidden: Vault;
  /** Lets the time pass that a deletion, recovery, purge or issuer takes. */
  settle(ms?: number): void;
  /** The answer to the next request of this method and path is lost, behind its effect or before it. */
  loseAnswer(method: string, path: string, effect: "after" | "before"): Promise<void>;
}

const bundle = (name = "one", more: object = {}) => {
  const { pem, thumbprint } = certificateFor(name);
  return { bytes: Buffer.from(pem), contentType: pemType, thumbprint, ...more } as const;
};
export const wish = (more: Partial<CertificateWish> = {}): CertificateWish => ({
  subject: "CN=made.example",
  dnsNames: ["made.example", "www.made.example"],
  key: { type: "EC", curve: "P-256" },
  issuer: "Self",
  contentType: pemType,
  ...more,
});
const outside = wish({ issuer: "Unknown" });
const making = { code: "conflict", details: { reason: "making" } };

/** What a `CertificateAdapter` promises, with what it promises as a shelf. `open` gives an empty vault. */
export function certificateAdapterContract(name: string, open: () => Promise<CertificateWorld>): void {
  shelfContract(`${name}, of certificates,`, async () => {
    const { adapter, ...world } = await open();
    return { ...world, shelf: adapter, put: (each, more) => adapter.importBundle(world.vault, each, bundle("one", more)) };
  });

  describe(`${name} keeps the promises of an adapter of certificates`, () => {
    importing(open);
    issuing(open);
    losing(open);
  });
}

function importing(open: () => Promise<CertificateWorld>): void {
  it("what is imported is got: its DER, its dates and the form it came in", async () => {
    const { adapter, vault } = await open();
    const { der, thumbprint } = certificateFor("one");
    const made = await adapter.importBundle(vault, "x", bundle("one", { enabled: true, tags: { a: "1" } }));
    expect(made).toMatchObject({ name: "x", thumbprint, tags: { a: "1" }, enabled: true });
    expect(made).not.toHaveProperty("der");
    const expires = Date.parse(new X509Certificate(der).validTo);
    expect(await adapter.get(vault, "x")).toMatchObject({ der, thumbprint, expires, policy: { exportable: true, contentType: pemType } });
    const named = await adapter.get(vault, "x", made.version);
    expect(named).toMatchObject({ der, thumbprint });
    for await (const page of adapter.pages(vault)) expect(page.items).toMatchObject([{ name: "x", thumbprint, expires }]);
  });

  it("a certificate that is imported disabled can be read all the same", async () => {
    const { adapter, vault } = await open();
    await adapter.importBundle(vault, "off", bundle("one", { enabled: false }));
    expect(await adapter.get(vault, "off")).toMatchObject({ enabled: false, der: certificateFor("one").der });
  });

  it("attributes change in place: no new version, only what is named, and tags as one set", async () => {
    const { adapter, vault } = await open();
    const first = await adapter.importBundle(vault, "x", bundle("one", { tags: { a: "1", b: "2" } }));
    const changed = await adapter.change(vault, "x", undefined, { enabled: false });
    expect(changed).toMatchObject({ version: first.version, enabled: false, tags: { a: "1", b: "2" } });
    await adapter.change(vault, "x", undefined, { enabled: true, tags: { c: "3" } });
    expect(await adapter.get(vault, "x")).toMatchObject({ version: first.version, enabled: true, tags: { c: "3" } });
    const second = await adapter.importBundle(vault, "x", bundle("two"));
    await adapter.change(vault, "x", first.version, { tags: { old: "yes" } });
    expect(await adapter.get(vault, "x")).toMatchObject({ version: second.version, tags: {} });
    expect(await adapter.get(vault, "x", first.version)).toMatchObject({ tags: { old: "yes" } });
    await expect(adapter.change(vault, "no", undefined, { enabled: true })).rejects.toMatchObject({ code: "not_found" });
  });

  it("what the vault does not take is usage", async () => {
    const { adapter, vault } = await open();
    await expect(adapter.importBundle(vault, "bad", bundle("one", { bytes: Buffer.from("no PEM") }))).rejects.toMatchObject({
      code: "usage",
    });
  });

  it("who may not write is told so, and not that there is nothing", async () => {
    const { adapter, forbidden } = await open();
    const asked = [
      adapter.importBundle(forbidden, "no", bundle()),
      adapter.change(forbidden, "no", undefined, { enabled: true }),
      adapter.create(forbidden, "no", wish()),
      adapter.issuance(forbidden, "no"),
      adapter.merge(forbidden, "no", [certificateFor("one").der]),
    ];
    for (const each of await Promise.allSettled(asked)) expect(each).toMatchObject({ reason: { code: "forbidden" } });
  });
}

function issuing(open: () => Promise<CertificateWorld>): void {
  it("a certificate is in the making until its issuer has signed it", async () => {
    const { adapter, vault, settle } = await open();
    expect(await adapter.issuance(vault, "x")).toBeUndefined();
    const begun = await adapter.create(vault, "x", wish({ tags: { a: "1" }, validityMonths: 3 }));
    expect(begun).toMatchObject({ status: "inProgress", issuer: "Self", request: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(begun.csr.length).toBeGreaterThan(100);
    expect(await adapter.issuance(vault, "x")).toEqual(begun);
    expect(await adapter.get(vault, "x")).not.toHaveProperty("der");
    settle();
    expect(await adapter.issuance(vault, "x")).toMatchObject({ status: "completed", request: begun.request });
    const made = await adapter.get(vault, "x");
    expect(made).toMatchObject({ enabled: true, tags: { a: "1" }, policy: { issuer: "Self", contentType: pemType } });
    const certificate = new X509Certificate(made.der ?? Buffer.alloc(0));
    expect([certificate.subject, certificate.subjectAltName]).toEqual(["CN=made.example", "DNS:made.example, DNS:www.made.example"]);
  });

  it("while one is in the making there is no other: conflict, with the reason, for a creation as for an import", async () => {
    const { adapter, vault } = await open();
    const begun = await adapter.create(vault, "x", outside);
    await expect(adapter.create(vault, "x", wish())).rejects.toMatchObject(making);
    await expect(adapter.importBundle(vault, "x", bundle())).rejects.toMatchObject(making);
    expect(await adapter.issuance(vault, "x")).toMatchObject({ status: "inProgress", request: begun.request });
  });

  it("what was signed outside completes the request that it was signed for, and nothing else does", async () => {
    const { adapter, vault } = await open();
    const begun = await adapter.create(vault, "x", outside);
    await expect(adapter.merge(vault, "x", [certificateFor("one").der])).rejects.toMatchObject({ code: "usage" });
    const signed = signedOutside(begun.csr);
    const merged = await adapter.merge(vault, "x", [signed.der, certificateFor("outside-ca").der]);
    expect(merged).toMatchObject({ name: "x", version: expect.any(String), enabled: true });
    expect(await adapter.get(vault, "x")).toMatchObject({ version: merged.version, der: signed.der });
    expect(await adapter.issuance(vault, "x")).toMatchObject({ status: "completed", request: begun.request });
  });

  it("a merge where nothing waits for it is not_found", async () => {
    const { adapter, vault } = await open();
    await expect(adapter.merge(vault, "x", [certificateFor("one").der])).rejects.toMatchObject({ code: "not_found" });
    await adapter.importBundle(vault, "x", bundle());
    await expect(adapter.merge(vault, "x", [certificateFor("one").der])).rejects.toMatchObject({ code: "not_found" });
  });
}

function losing(open: () => Promise<CertificateWorld>): void {
  const versionsOf = async ({ adapter, vault }: CertificateWorld): Promise<number> => {
    let count = 0;
    for await (const page of adapter.versions(vault, "x")) count += page.items.length;
    return count;
  };

  it.each(["after", "before"] as const)("an import whose answer is lost %s its effect makes one version", async (effect) => {
    const world = await open();
    await world.loseAnswer("POST", "/certificates/x/import", effect);
    const made = await world.adapter.importBundle(world.vault, "x", bundle("two", { tags: { a: "1" } }));
    expect(await world.adapter.get(world.vault, "x")).toMatchObject({
      version: made.version,
      thumbprint: certificateFor("two").thumbprint,
    });
    expect(await versionsOf(world)).toBe(1);
  });

  it.each(["after", "before"] as const)("a change whose answer is lost %s its effect is made", async (effect) => {
    const world = await open();
    const { version } = await world.adapter.importBundle(world.vault, "x", bundle());
    await world.loseAnswer("PATCH", "/certificates/x*", effect);
    expect(await world.adapter.change(world.vault, "x", undefined, { tags: { a: "1" } })).toMatchObject({ version, tags: { a: "1" } });
    expect(await world.adapter.get(world.vault, "x")).toMatchObject({ version, tags: { a: "1" } });
  });

  it.each(["after", "before"] as const)("a creation whose answer is lost %s its effect begins once", async (effect) => {
    const world = await open();
    await world.adapter.importBundle(world.vault, "x", bundle());
    await world.loseAnswer("POST", "/certificates/x/create", effect);
    const begun = await world.adapter.create(world.vault, "x", wish());
    expect(await world.adapter.issuance(world.vault, "x")).toMatchObject({ request: begun.request });
    world.settle();
    expect(await world.adapter.issuance(world.vault, "x")).toMatchObject({ request: begun.request, status: "completed" });
    expect(await versionsOf(world)).toBe(2);
  });

  // A CA outside takes its days.
  it.each(["after", "before"] as const)("a merge whose answer is lost %s its effect is made, days after the request", async (effect) => {
    const world = await open();
    const { csr } = await world.adapter.create(world.vault, "x", outside);
    world.settle(3 * 86_400_000);
    const signed = signedOutside(csr);
    await world.loseAnswer("POST", "/certificates/x/pending/merge", effect);
    const merged = await world.adapter.merge(world.vault, "x", [signed.der]);
    expect(await world.adapter.get(world.vault, "x")).toMatchObject({ version: merged.version, der: signed.der });
    expect(await versionsOf(world)).toBe(1);
  });

  it.each(["after", "before"] as const)("deletion, recovery and purge whose answers are lost %s their effect are made", async (effect) => {
    const world = await open();
    const { adapter, vault, settle, loseAnswer } = world;
    await adapter.importBundle(vault, "x", bundle());
    await loseAnswer("DELETE", "/certificates/x", effect);
    expect(await adapter.delete(vault, "x")).toMatchObject({ name: "x" });
    settle();
    await loseAnswer("POST", "/deletedcertificates/x/recover", effect);
    expect(["recovering", "live"]).toContain(await adapter.recover(vault, "x"));
    settle();
    expect(await adapter.get(vault, "x")).toMatchObject({ der: certificateFor("one").der });
    await adapter.delete(vault, "x");
    settle();
    await loseAnswer("DELETE", "/deletedcertificates/x", effect);
    expect(await adapter.purge(vault, "x")).toBe("purged");
    settle();
    expect([await adapter.deleted(vault, "x"), await versionsOf(world)]).toEqual([undefined, 0]);
  });
}
