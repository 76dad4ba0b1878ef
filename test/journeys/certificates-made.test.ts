import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { opensslFolder } from "../emulator/openssl.ts";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const tool = opensslFolder();
const kv = ["--usc-name", "kv", "--object-type", "certificate"];
const usc = (verb: string, ...more: string[]) => lab.usc([verb, ...kv, ...more]);
const said = (pem: Buffer, ...what: string[]): string => {
  tool.write("said.pem", pem);
  return tool.run("x509", "-in", "said.pem", "-noout", ...what).trim();
};

describe("usc create --object-type certificate", () => {
  it("makes a self-signed certificate, waits for it, and it comes out with its key", async () => {
    const flags = ["--subject", "CN=site.example", "--dns-name", "site.example", "--dns-name", "www.site.example", "--key-type", "EC-P384"];
    const made = await usc("create", "-s", "made", ...flags, "--validity-months", "3", "--tags", "team=a");
    expect(made).toMatchObject({ exit: 0, json: { version_id: expect.stringMatching(/^[0-9a-f]{32}$/u) } });
    const pem = await usc("get", "-s", "made", "-o", "pem");
    expect(said(pem.bytes, "-subject", "-ext", "subjectAltName")).toMatch(
      /subject=CN = site\.example[\s\S]*DNS:site\.example, DNS:www\.site\.example/u,
    );
    tool.write("made.pem", pem.bytes);
    expect(tool.run("pkey", "-in", "made.pem", "-noout", "-text")).toContain("NIST CURVE: P-384");
    expect(tool.run("pkey", "-in", "made.pem", "-pubout")).toBe(tool.run("x509", "-in", "made.pem", "-noout", "-pubkey"));
  });

  it("does not overwrite, and --overwrite makes a new version", async () => {
    expect((await usc("create", "-s", "made", "--subject", "CN=site.example")).failure.code).toBe("conflict");
    expect((await usc("create", "-s", "made", "--subject", "CN=site.example", "--overwrite")).exit).toBe(0);
    const { versions } = (await usc("versions", "-s", "made")).json as { versions: unknown[] };
    expect(versions).toHaveLength(2);
  });

  it("writes a request for an outside CA, gives the same one again, and is completed by what the CA signed", async () => {
    const file = join(lab.folder, "site.csr");
    const asked = await usc("create", "-s", "outside", "--subject", "CN=outside.example", "--csr-file", file);
    expect(asked.exit).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toBe(asked.json["csr"]);
    expect((await usc("create", "-s", "outside", "--subject", "CN=outside.example", "--csr")).json["csr"]).toBe(asked.json["csr"]);
    expect((await usc("create", "-s", "outside", "--subject", "CN=other.example", "--csr")).failure.code).toBe("conflict");
    expect((await usc("create", "-s", "o2", "--subject", "CN=outside.example", "--csr-file", file)).failure.code).toBe("conflict");
    expect((await usc("versions", "-s", "o2")).failure.code).toBe("not_found");
    expect((await usc("get", "-s", "outside")).failure.error).toContain("is in the making");

    const ca = tool.pair("ca", "/CN=An outside CA");
    tool.write("site.csr", readFileSync(file));
    tool.run(
      "x509",
      "-req",
      "-in",
      "site.csr",
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "30",
      "-out",
      "signed.pem",
    );
    tool.write("bundle.pem", ca.certificate + tool.read("signed.pem").toString());
    expect((await usc("create", "-s", "outside", "--merge-file", tool.path("ca.crt"))).failure.code).toBe("usage");
    const merged = await usc("create", "-s", "outside", "--merge-file", tool.path("bundle.pem"));
    expect(merged).toMatchObject({ exit: 0, json: { version_id: expect.stringMatching(/^[0-9a-f]{32}$/u) } });
    const pem = (await usc("get", "-s", "outside", "-o", "pem")).bytes;
    expect(pem.toString().match(/BEGIN [A-Z ]+/gu)).toEqual(["BEGIN CERTIFICATE", "BEGIN CERTIFICATE", "BEGIN PRIVATE KEY"]);
    expect(said(pem, "-issuer")).toContain("An outside CA");
    const again = await usc("create", "-s", "outside", "--merge-file", tool.path("bundle.pem"));
    expect(again.json["version_id"]).toBe(merged.json["version_id"]);
  });

  it.each([
    ["two ways at once", ["--subject", "CN=a", "--merge-file", "x"]],
    ["none", []],
    ["a subject that is none", ["--subject", "site.example"]],
    ["a request and an issuer", ["--subject", "CN=a", "--csr", "--issuer", "contoso"]],
    ["dates of its own", ["--subject", "CN=a", "--remote-secret-expires", "2030-01-01T00:00:00Z"]],
    ["another content type", ["--subject", "CN=a", "--content-type", "text/plain"]],
    ["a key that there is not", ["--subject", "CN=a", "--key-type", "DSA"]],
  ])("refuses %s before any request", async (_, flags) => {
    await lab.control("/requests", "DELETE");
    expect((await usc("create", "-s", "bad", ...flags)).exit).toBe(2);
    expect(await lab.requests()).toEqual([]);
  });

  it("a flag of certificates is refused for a secret", async () => {
    const { exit, failure } = await lab.usc(["create", "--usc-name", "kv", "-s", "x", "--value", "y", "--subject", "CN=a"]);
    expect({ exit, error: failure.error }).toEqual({ exit: 2, error: "--subject has no meaning for a secret." });
  });
});

describe("usc update and usc validate --object-type certificate", () => {
  it("update takes over tags and enabled with a new bundle, and changes them in place without one", async () => {
    const { key, certificate } = tool.pair("next", "/CN=next.example");
    tool.write("next.pem", key + certificate);
    await usc("update", "-s", "made", "--tags", "team=b", "--enabled", "false");
    const updated = await usc("update", "-s", "made", "--value-file", tool.path("next.pem"));
    expect(updated.exit).toBe(0);
    const [newest] = (await usc("versions", "-s", "made")).json["versions"] as Record<string, unknown>[];
    expect(newest).toMatchObject({ version_id: updated.json["version_id"], status: false, tags: { team: "b" } });
    expect((await usc("update", "-s", "made", "--enabled", "true", "--remove-tag", "team")).exit).toBe(0);
    expect((await usc("get", "-s", "made")).json["metadata"]).toMatchObject({ status: true, tags: {}, subject: "CN=next.example" });
  });

  it("validate runs its five steps with a certificate of its own and leaves nothing", async () => {
    const { exit, json } = await usc("validate");
    expect(exit).toBe(0);
    expect((json["steps"] as { step: string; status: string }[]).map(({ step, status }) => `${step} ${status}`)).toEqual([
      "list ok",
      "create ok",
      "get ok",
      "update ok",
      "delete ok",
    ]);
    for (const verb of ["list", "list-deleted"]) expect(JSON.stringify((await usc(verb)).json)).not.toContain("usc-validate");
  });
});
