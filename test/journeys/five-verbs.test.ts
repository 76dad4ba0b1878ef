import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const { usc, requests, control, vault } = lab;
const kv = ["--usc-name", "kv"];

describe("the five verbs against a local Azure", () => {
  it("create, get, update, list and delete answer as documented", async () => {
    const created = await usc(["create", ...kv, "-s", "db", "-v", "one", "--tags", "a=1", "--tags", "b=2"]);
    expect(created.json).toEqual({ secret_id: `${vault.url}/secrets/db`, version_id: expect.stringMatching(/^[0-9a-f]{32}$/u) });
    expect((await usc(["get", ...kv, "-s", "db"])).json).toMatchObject({
      value: "b25l",
      binary_value: false,
      name: "db",
      metadata: { status: true, tags: { a: "1", b: "2" } },
      version_id: created.json["version_id"],
    });
    const updated = await usc(["update", ...kv, "-s", "db", "--value-file", "-"], { input: "two\r\n" });
    expect(updated.json).toMatchObject({ name: "db", secret_id: `${vault.url}/secrets/db` });
    expect((await usc(["get", ...kv, "-s", `${vault.url}/secrets/db`, "-o", "raw"])).stdout).toBe("two\r\n");
    expect((await usc(["get", ...kv, "-s", "db", "--version-id", String(created.json["version_id"]), "-o", "raw"])).stdout).toBe("one");
    const { secrets_list: rows } = (await usc(["list", ...kv])).json as { secrets_list: unknown[] };
    expect(rows).toEqual([
      {
        secret_id: `${vault.url}/secrets/db`,
        name: "db",
        created: expect.stringMatching(/Z$/u),
        type: "",
        status: true,
        tags: { a: "1", b: "2" },
      },
    ]);
    expect((await usc(["delete", ...kv, "-s", "db"])).json).toEqual({ name: "db" });
  });

  it("says that a deleted name is taken, and frees it with --force-delete", async () => {
    await usc(["create", ...kv, "-s", "gone", "-v", "1"]);
    await usc(["delete", ...kv, "-s", "gone"]);
    const again = await usc(["create", ...kv, "-s", "gone", "-v", "1"]);
    expect(again.exit).toBe(4);
    expect(again.failure.code).toBe("conflict");
    expect((await usc(["delete", ...kv, "-s", "gone", "--force-delete"])).exit).toBe(0);
    // Azure has been seen to answer one more conflict after a purge.
    let exit: number | null = 4;
    for (let tries = 0; tries < 20 && exit === 4; tries += 1) exit = (await usc(["create", ...kv, "-s", "gone", "-v", "1"])).exit;
    expect(exit).toBe(0);
  });

  it("`usc usc list`, `usc-list` and `esm-list` are the same command", async () => {
    const answers = await Promise.all([["list"], ["usc", "list"], ["usc-list"], ["esm-list"]].map((words) => usc([...words, ...kv])));
    expect(new Set(answers.map((answer) => answer.stdout)).size).toBe(1);
    expect(answers[0]?.exit).toBe(0);
  });

  it("a warm get is one request on one connection: no Entra, no challenge", async () => {
    await usc(["create", ...kv, "-s", "warm", "-v", "1"]);
    await usc(["get", ...kv, "-s", "warm"]);
    await control("/requests", "DELETE");
    await usc(["get", ...kv, "-s", "warm"]);
    expect(await requests()).toMatchObject([{ method: "GET", status: 200, path: expect.stringMatching(/^\/secrets\/warm/u) }]);
  });

  it("a list of 60 is 3 pages, with empty ones between where Azure gives them, and --limit asks one", async () => {
    for (let index = 0; index < 60; index += 1) await control(`/secrets/other/n-${index}`, "PUT", { value: "v" });
    await usc(["create-usc", "--name", "other", "--target-to-associate", "t", "--azure-kv-name", "other"]);
    await usc(["list", "--usc-name", "other", "--limit", "1"]);
    await control("/requests", "DELETE");
    expect(((await usc(["list", "--usc-name", "other"])).json["secrets_list"] as unknown[]).length).toBe(60);
    expect(await requests()).toHaveLength(3);
    await control("/requests", "DELETE");
    expect((await usc(["list", "--usc-name", "other", "--limit", "3", "-o", "ndjson"])).stdout.trim().split("\n")).toHaveLength(3);
    expect(await requests()).toHaveLength(1);
    await control("/settings", "PUT", { emptyPages: 1 });
    expect(((await usc(["list", "--usc-name", "other"])).json["secrets_list"] as unknown[]).length).toBe(60);
    await control("/settings", "PUT", { emptyPages: 0 });
  });

  it("--out-file is exact, 0600, and replaces only with --force", async () => {
    const path = join(lab.folder, "out");
    const bytes = Buffer.from([0, 255, 10, 13]);
    await usc(["create", ...kv, "-s", "bin", "--value-file", "-"], { input: bytes });
    expect((await usc(["get", ...kv, "-s", "bin", "--out-file", path])).exit).toBe(0);
    expect(readFileSync(path)).toEqual(bytes);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await usc(["get", ...kv, "-s", "bin", "--out-file", path])).exit).toBe(4);
    expect((await usc(["get", ...kv, "-s", "bin", "--out-file", path, "--force"])).exit).toBe(0);
    expect((await usc(["get", ...kv, "-s", "bin", "-o", "raw"])).bytes).toEqual(bytes);
  });

  it("--verbose tells each request and no token", async () => {
    const told = await usc(["get", ...kv, "-s", "warm", "--verbose"]);
    expect(told.stderr).toMatch(/^GET https:\/\/\S+\/secrets\/warm\S* 200 \d+ ms [0-9a-f-]{36}\n$/u);
  });

  it("a wrong secret is unauthenticated, an absent name not_found, a refused role forbidden", async () => {
    await usc([
      "target",
      "create",
      "azure",
      "--name",
      "wrong",
      "--azure-cloud",
      "lab",
      "--tenant-id",
      lab.ready.tenant_id,
      "--client-id",
      lab.ready.client_id,
      "--client-secret",
      "nope",
    ]);
    await usc(["create-usc", "--name", "wrong", "--target-to-associate", "wrong", "--azure-kv-name", vault.name]);
    expect((await usc(["get", "--usc-name", "wrong", "-s", "warm"])).exit).toBe(5);
    expect((await usc(["get", ...kv, "-s", "never"])).exit).toBe(3);
    await control("/role-assignments", "PUT", { vault: vault.name, roles: ["Key Vault Reader"] });
    const refused = await usc(["get", ...kv, "-s", "warm"]);
    expect(refused.exit).toBe(6);
    expect(refused.failure.error + refused.failure.hint).toContain("getSecret");
    await control("/role-assignments", "PUT", { vault: vault.name, roles: ["Key Vault Administrator"] });
  });
});
