import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { exchange, openLab } from "./support.ts";

const lab = await openLab();
const control = new URL(lab.ready.control);

test("E1 another host name, another path and a form from a web page are refused", async () => {
  const ask = async (path: string, headers: Record<string, string>, method = "GET", body?: string): Promise<number> =>
    (await exchange(request({ host: control.hostname, port: control.port, path, method, headers }), body)).status;
  const path = control.pathname;
  expect(path.length).toBeGreaterThan(30);
  expect(await ask(`${path}/requests`, { host: "evil.example.org" })).toBe(403);
  expect(await ask(`${path}/requests`, { host: "localhost:1" })).toBe(200);
  for (const guess of ["/", "/requests", "/control/requests", `${path.slice(0, -1)}/requests`, path, `${path}x/requests`]) {
    expect(await ask(guess, {})).toBe(404);
  }
  expect(await ask(`${path}/clock`, { "content-type": "text/plain" }, "POST", '{"advance_seconds":1}')).toBe(400);
});

test("the log tells what was asked, on which connection, and nothing that was secret", async () => {
  const canary = "canary-5a3e";
  await lab.control("DELETE", "/requests");
  await lab.vault("PUT", "/secrets/log", { value: canary });
  await lab.vault("GET", "/secrets/log?x=%20", undefined, { token: "" });
  const { json, text } = await lab.control("GET", "/requests");
  const rows = json.requests.filter(({ path }: { path: string }) => path.startsWith("/secrets"));
  const host = new URL(lab.ready.vaults[0]?.direct_url ?? "").host;
  const row = { at: expect.stringMatching(/Z$/), host, ms: expect.any(Number), request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) };
  const connection = rows[0].connection;
  expect(rows).toEqual([
    { ...row, method: "PUT", path: "/secrets/log?api-version=7.4", status: 200, authorized: true, connection },
    { ...row, method: "GET", path: "/secrets/log?x=%20&api-version=7.4", status: 401, authorized: false, connection },
  ]);
  expect(text).not.toContain(canary);
  expect(text).not.toContain("eyJ");
});

test("stop cuts what is held and what is idle, at once", async () => {
  const own = await openLab({ proxyPort: 0 });
  await own.control("POST", "/faults", { path: "/secrets/*", times: 1, hold: true });
  const waiting = own.vault("GET", "/secrets/x").catch((error: NodeJS.ErrnoException) => error.code);
  while ((await own.control("GET", "/faults")).json.faults[0].held === 0);
  // One that never says a word, not even its TLS greeting.
  const silent = connect(Number(new URL(own.ready.authority_host).port), "127.0.0.1");
  await once(silent, "connect");
  await own.stop();
  expect(await waiting).toBe("ECONNRESET");
});

test.each([
  ["PUT", "/settings", { delay: 1 }],
  ["PUT", "/settings", { delays: { remove: 1 } }],
  ["PUT", "/settings", { emptyPages: "1" }],
  ["PUT", "/settings", { purgeProtection: { nobody: true } }],
  ["PUT", "/role-assignments", {}],
  ["PUT", "/role-assignments", { roles: ["King"] }],
  ["PUT", "/role-assignments", { vault: "nobody", roles: [] }],
  ["PUT", "/role-assignments", { roles: [], actions: [] }],
  ["POST", "/clock", {}],
  ["POST", "/clock", { now: "soon" }],
  ["POST", "/client-secrets", { secret: "" }],
  ["PUT", "/secrets/nobody/x", { value: "v" }],
  ["PUT", "/secrets/demo/a_b", { value: "v" }],
] as const)("%s %s with %j is refused and says why", async (method, path, body) => {
  const reply = await lab.control(method, path, body);
  expect([reply.status, typeof reply.json.error]).toEqual([400, "string"]);
});

test("role assignments replace what a principal may do, and the refusal names action, caller and vault", async () => {
  const { tenant_id, client_id, subscription_id } = lab.ready;
  await lab.vault("PUT", "/secrets/rbac", { value: "v" });
  await lab.control("PUT", "/role-assignments", { vault: "demo", roles: ["Key Vault Secrets User"] });
  expect((await lab.vault("GET", "/secrets/rbac")).status).toBe(200);
  expect((await lab.vault("GET", "/secrets")).status).toBe(200);
  const reply = await lab.vault("PUT", "/secrets/rbac", { value: "w" });
  expect([reply.status, reply.json.error.code, reply.json.error.innererror]).toEqual([403, "Forbidden", { code: "ForbiddenByRbac" }]);
  const claims = JSON.parse(Buffer.from((await lab.token()).split(".")[1] ?? "", "base64url").toString());
  expect(reply.json.error.message.split("\r\n")).toEqual([
    "Caller is not authorized to perform action on resource.",
    "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
    `Caller: appid=${client_id};oid=${claims.oid};iss=https://sts.windows.net/${tenant_id}/`,
    "Action: 'Microsoft.KeyVault/vaults/secrets/setSecret/action'",
    `Resource: '/subscriptions/${subscription_id}/resourcegroups/local/providers/microsoft.keyvault/vaults/demo/secrets/rbac'`,
    "Assignment: (not found)",
    "DenyAssignmentId: null",
    "DecisionReason: null",
    "Vault: demo;location=eastus",
  ]);
  await lab.control("PUT", "/role-assignments", { vault: "demo", actions: [] });
  expect((await lab.vault("GET", "/secrets/rbac")).status).toBe(403);
  await lab.control("PUT", "/role-assignments", { actions: ["*"] });
  expect((await lab.vault("PUT", "/secrets/rbac", { value: "w" })).status).toBe(200);
});

test("a throttled vault answers 429 without Retry-After, with it on request, and recovers after ten seconds", async () => {
  await lab.control("PUT", "/settings", { perTenSeconds: 2 });
  const statuses = [];
  for (let turn = 0; turn < 4; turn += 1) statuses.push((await lab.vault("GET", "/secrets")).status);
  expect(statuses).toEqual([200, 200, 429, 429]);
  const reply = await lab.vault("GET", "/secrets");
  expect([reply.json.error, reply.headers["retry-after"]]).toEqual([
    {
      code: "Throttled",
      message: "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
    },
    undefined,
  ]);
  await lab.control("PUT", "/settings", { retryAfter: 3 });
  expect((await lab.vault("GET", "/secrets")).headers["retry-after"]).toBe("3");
  await lab.control("POST", "/clock", { advance_seconds: 10 });
  expect((await lab.vault("GET", "/secrets")).status).toBe(200);
  await lab.control("PUT", "/settings", { perTenSeconds: 0 });
});

test("the clock can be set, and what follows is dated by it", async () => {
  await lab.control("POST", "/clock", { now: "2030-01-01T00:00:00Z" });
  const made = await lab.vault("PUT", "/secrets/later", { value: "v" }, { token: await lab.token() });
  expect(new Date(made.json.attributes.created * 1000).getUTCFullYear()).toBe(2030);
});
