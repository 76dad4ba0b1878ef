import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describe as manifestOf } from "../../src/describe.ts";
import { cli } from "../support/cli.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";

interface Described {
  requestBody: { content: { "application/json": { schema: { properties: Record<string, object> } } } };
  responses: Record<string, { content: { "application/json": { schema: { type: string } } } }>;
}

const lab = await localAzure();
let gateway: Awaited<ReturnType<typeof gatewayOver>>;
let admin = "";
beforeAll(async () => {
  gateway = await gatewayOver(lab);
  admin = await gateway.login(gateway.admin);
});
afterAll(async () => {
  expect(await gateway.stop()).toBe(0);
  await lab.stop();
});
const ask = (path: string, body: Record<string, unknown> = {}) => gateway.post(path, { token: admin, ...body });

describe("usc gateway start", () => {
  it.each(["", "api/v2/", "v2/"])("answers an operation at /%s<route>, with what the command line answers", async (prefix) => {
    const made = await ask(`${prefix}usc-create`, { "usc-name": "kv", "secret-name": `s${prefix.length}`, value: "v", description: "" });
    expect(made).toMatchObject({ status: 200, json: { version_id: expect.stringMatching(/^[0-9a-f]{32}$/u) } });
    const argv = ["get", "--usc-name", "kv", "--secret-id", `s${prefix.length}`];
    expect((await ask(`${prefix}usc-get`, { "usc-name": "kv", "secret-id": `s${prefix.length}` })).json).toEqual(
      (await lab.usc(argv)).json,
    );
  });

  it("fails with the status and the document of the command line's failure", async () => {
    const { status, json } = await ask("usc-get", { "usc-name": "/kv", "secret-id": "none" });
    const { failure } = await lab.usc(["get", "--usc-name", "kv", "--secret-id", "none"]);
    expect(status).toBe(404);
    expect({ ...json, request_id: "" }).toEqual({ ...failure, request_id: "" });
  });

  it("wants a token, in the body or as a header", async () => {
    expect(await gateway.post("list-items", {})).toMatchObject({ status: 401, json: { code: "gateway_unauthenticated" } });
    expect((await gateway.post("list-items", {}, { authorization: `Bearer ${admin}` })).status).toBe(200);
    expect((await gateway.post("list-items", { token: `${admin}x` })).status).toBe(401);
  });

  it("answers neither to another host nor to pages of another site, and takes JSON alone", async () => {
    const refused = async (headers: Record<string, string>): Promise<number> =>
      (await gateway.post("list-items", { token: admin }, headers)).status;
    expect(await refused({ origin: "https://evil.example" })).toBe(403);
    expect(await refused({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await refused({ "content-type": "text/plain" })).toBe(400);
    expect((await gateway.post("list-items", "{")).json).toEqual({ error: "The body is not JSON.", code: "usage" });
    expect((await gateway.post("nothing-here", {})).status).toBe(501);
  });

  it("reads no file of its machine for a caller, whatever the field", async () => {
    const identity = { "tenant-id": lab.ready.tenant_id, "client-id": lab.ready.client_id, "azure-cloud": "lab" };
    const named = { "connection-type": "workload-identity", federated_token_file: "/etc/passwd" };
    const { status, json } = await ask("target-create-azure", { name: "files", ...identity, ...named });
    expect({ status, code: json["code"] }).toEqual({ status: 400, code: "usage" });
    const cloud = { name: "c", "authority-host": "https://login.c.example", "key-vault-suffix": "vault.c.example" };
    const far = { "graph-endpoint": "https://graph.c.example", "arm-endpoint": "https://arm.c.example" };
    expect((await ask("cloud-register", { ...cloud, ...far, "ca-file": "/etc/passwd" })).status).toBe(200);
    const value = await ask("usc-create", { "usc-name": "kv", "secret-name": "at", value: "@/etc/passwd", "value-file": "/etc/passwd" });
    expect(value.status).toBe(200);
    const read = await ask("usc-get", { "usc-name": "kv", "secret-id": "at", "out-file": "/tmp/usc-must-not-be-written" });
    expect(Buffer.from(String(read.json["value"]), "base64").toString()).toBe("@/etc/passwd");
    expect(existsSync("/tmp/usc-must-not-be-written")).toBe(false);
  });

  it("describes every operation that it serves, with its input and its answer, and no field that names a file", async () => {
    const described = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, { post: Described }>;
    };
    expect(described.openapi).toBe("3.1.0");
    const routes = (await manifestOf()).filter(({ local }) => local !== true).map(({ route }) => `/${route}`);
    expect(Object.keys(described.paths).sort()).toEqual(routes.sort());
    for (const [route, { post }] of Object.entries(described.paths)) {
      const answer = post.responses["200"]?.content["application/json"].schema;
      expect(answer?.type, route).toMatch(/^(object|array)$/u);
      expect(Object.keys(post.requestBody.content["application/json"].schema.properties).join(" "), route).not.toMatch(
        /(^| )\S+-file( |$)/u,
      );
    }
    expect(JSON.stringify(described.paths["/usc-create"])).toContain('"writeOnly":true');
  });

  it("leaves a file alone that stands where the first key should go", async () => {
    const other = cli();
    const taken = join(other.folder, "taken.json");
    writeFileSync(taken, "somebody's");
    const { exit, failure } = await other.usc(["gateway", "start", "--listen", "127.0.0.1:0", "--bootstrap-file", taken]);
    expect({ exit, code: failure.code, kept: readFileSync(taken, "utf8") }).toEqual({ exit: 4, code: "conflict", kept: "somebody's" });
    other.clean();
  });

  it("ends a token that is revoked, at once", async () => {
    const token = await gateway.login(gateway.admin);
    expect((await gateway.post("validate-token", { token })).json).toMatchObject({ is_valid: true });
    expect((await gateway.post("revoke-token", { token })).json).toEqual({ revoked: true });
    expect((await gateway.post("list-items", { token })).status).toBe(401);
    expect((await gateway.post("validate-token", { token })).json).toMatchObject({ is_valid: false });
  });
});

describe("a caller of the gateway", () => {
  it("may do what its roles say and nothing else; deny wins, and a list shows what may be listed", async () => {
    const { json: key } = await ask("create-auth-method-api-key", { name: "ci" });
    await ask("create-usc", { name: "/prod/kv", "target-to-associate": "t", "azure-kv-name": lab.vault.name });
    await ask("create-usc", { name: "/prod/private/kv", "target-to-associate": "t", "azure-kv-name": lab.vault.name });
    await ask("create-role", { name: "readers" });
    await ask("set-role-rule", { "role-name": "readers", path: "/prod/*", capability: ["read", "list"] });
    await ask("set-role-rule", { "role-name": "readers", path: "/prod/private/*", capability: ["deny"] });
    await ask("assoc-role-am", { "role-name": "readers", "am-name": "ci" });
    const token = await gateway.login(key as { access_id: string; access_key: string });
    const may = async (path: string, body: Record<string, unknown>): Promise<number> =>
      (await gateway.post(path, { token, ...body })).status;

    await ask("usc-create", { "usc-name": "kv", "secret-name": "shared", value: "1" });
    const object = { "secret-id": "shared" };
    expect(await may("usc-get", { "usc-name": "/prod/kv", ...object })).toBe(200);
    expect(await may("usc-get", { "usc-name": "/kv", ...object })).toBe(403);
    expect(await may("usc-get", { "usc-name": "/prod/private/kv", ...object })).toBe(403);
    expect(await may("usc-get", { "usc-name": "/PROD/private/kv", ...object })).toBe(403);
    expect(await may("usc-update", { "usc-name": "/prod/kv", ...object, value: "2" })).toBe(403);
    expect(await may("usc-resolve", { reference: "azurevault://prod/kv/shared" })).toBe(200);
    expect(await may("usc-resolve", { reference: "azurevault://kv/shared" })).toBe(403);
    expect(await may("target-get-details", { name: "/t" })).toBe(403);
    expect(await may("set-role-rule", { "role-name": "readers", path: "/*", capability: ["read"] })).toBe(403);
    const { items } = (await gateway.post("list-items", { token })).json as { items: { item_name: string }[] };
    expect(items.map(({ item_name }) => item_name)).toEqual(["/prod/kv"]);
  });

  it("takes no denial away from a role unless it may do all that was denied: not by another rule, by none, or with the role", async () => {
    const { json: key } = await ask("create-auth-method-api-key", { name: "keeper" });
    await ask("create-role", { name: "keepers" });
    const keeping = { "role-name": "keepers", "rule-type": "system-rule", path: "/access", capability: ["update", "delete"] };
    await ask("set-role-rule", keeping);
    await ask("assoc-role-am", { "role-name": "keepers", "am-name": "keeper" });
    await ask("create-role", { name: "bound" });
    const denial = { "role-name": "bound", path: "/prod/private/*" };
    await ask("set-role-rule", { ...denial, capability: ["deny"] });
    const token = await gateway.login(key as { access_id: string; access_key: string });
    const status = async (path: string, body: Record<string, unknown>): Promise<number> =>
      (await gateway.post(path, { token, ...body })).status;
    expect(await status("set-role-rule", { ...denial, path: "/prod/private", capability: ["deny"] })).toBe(200);
    await ask("set-role-rule", { "role-name": "keepers", path: "/prod/private/*", capability: ["read"] });
    expect(await status("set-role-rule", { ...denial, capability: ["read"] })).toBe(403);
    expect(await status("set-role-rule", { ...denial, capability: ["read", "deny"] })).toBe(200);
    expect(await status("delete-role-rule", denial)).toBe(403);
    expect(await status("delete-role", { name: "bound" })).toBe(403);
    expect((await ask("delete-role", { name: "bound" })).status).toBe(200);
  });

  it("does not get the machine's own identity with the right to store targets", async () => {
    const { json: key } = await ask("create-auth-method-api-key", { name: "targets" });
    await ask("create-role", { name: "targets" });
    await ask("set-role-rule", { "role-name": "targets", "rule-type": "target-rule", path: "/*", capability: ["create", "update"] });
    await ask("assoc-role-am", { "role-name": "targets", "am-name": "targets" });
    const token = await gateway.login(key as { access_id: string; access_key: string });
    const store = (name: string, more: Record<string, unknown>) =>
      gateway.post("target-create-azure", { token, name, "azure-cloud": "lab", ...more });
    const ids = { "tenant-id": lab.ready.tenant_id, "client-id": lab.ready.client_id };
    expect((await store("own", { ...ids, "client-secret": "s" })).status).toBe(200);
    expect((await store("m1", { "connection-type": "managed-identity" })).status).toBe(403);
    expect((await store("m2", { connection_type: "cloud-identity" })).status).toBe(403);
    expect((await store("m3", { "use-gw-cloud-identity": "true" })).status).toBe(403);
    expect((await store("m4", { "connection-type": "environment" })).status).toBe(403);
  });

  it("is named in the audit, also where it was refused", async () => {
    const { entries } = (await lab.usc(["audit", "list", "--limit", "200"])).json as { entries: Record<string, string>[] };
    expect(entries).toContainEqual(expect.objectContaining({ operation: "update", caller: "/ci", outcome: "gateway_forbidden" }));
    expect(entries).toContainEqual(expect.objectContaining({ operation: "get", caller: "/ci", outcome: "ok" }));
  });

  it("waits after wrong keys, in whatever case the access id is tried", async () => {
    const wrong = { "access-id": gateway.admin.access_id.toUpperCase(), "access-key": "wrong" };
    const tries = [];
    for (let count = 0; count < 7; count += 1) tries.push(await gateway.post("auth", wrong));
    expect(tries.every(({ status }) => status === 401)).toBe(true);
    expect(tries.at(-1)?.headers.get("retry-after")).toMatch(/^\d+$/u);
  });
});
