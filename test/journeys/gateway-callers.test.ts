import { afterAll, describe, expect, it } from "vitest";
import { cli } from "../support/cli.ts";
import { gatewayOver } from "../support/gateway.ts";

const tool = cli();
const gateway = await gatewayOver(tool);
const twin = await gatewayOver(tool);
const admin = await gateway.login(gateway.admin);
afterAll(async () => {
  await Promise.all([gateway.stop(), twin.stop()]);
  tool.clean();
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const enlist = async (name: string): Promise<{ access_id: string; access_key: string }> =>
  (await gateway.post("create-auth-method-api-key", { token: admin, name })).json as never;

describe("a caller of two gateways over one state", () => {
  it("G7 is let in by neither once his token is revoked at one, or his method ends, or another takes its name", async () => {
    const first = await gateway.login(gateway.admin);
    expect((await twin.post("list-items", { token: first })).status).toBe(200);
    await gateway.post("revoke-token", { token: first });
    expect((await twin.post("list-items", { token: first })).status).toBe(401);
    const token = await twin.login(await enlist("ci"));
    expect((await gateway.post("list-items", { token })).status).toBe(200);
    await twin.post("delete-auth-method", { token: admin, name: "ci" });
    await enlist("ci");
    for (const { post } of [gateway, twin]) expect((await post("list-items", { token })).status).toBe(401);
  });

  it("is who the body says where a header says another: its rights and its name in the audit are of one caller", async () => {
    const few = await gateway.login(await enlist("few"));
    expect((await gateway.post("create-role", { token: few, name: "r" }, bearer(admin))).status).toBe(403);
    const { json } = await gateway.post("audit-list", { token: admin, operation: "create-role" });
    expect(json["entries"]).toEqual([expect.objectContaining({ caller: "/few", outcome: "gateway_forbidden" })]);
    expect((await gateway.post("list-roles", { token: "t-none" }, bearer(admin))).status).toBe(401);
    // What is no token is none, and then the header counts.
    for (const none of ["", null, 7, [few], { token: few }])
      expect((await gateway.post("list-roles", { token: none }, bearer(admin))).status).toBe(200);
  });

  it("is asked about, and ended, by the header as well, however its scheme is written, and by a file of one line", async () => {
    for (const scheme of ["Bearer", "bearer", "BEARER"]) {
      const token = await gateway.login(gateway.admin);
      const shown = { authorization: `${scheme} ${token}` };
      expect((await gateway.post("list-items", {}, shown)).status).toBe(200);
      expect((await gateway.post("validate-token", {}, shown)).json).toMatchObject({ is_valid: true });
      expect((await gateway.post("validate-token", { token: `${token}\n` })).json).toMatchObject({ is_valid: true });
      // What the body names is meant, not who asks, also where it names none.
      expect((await gateway.post("revoke-token", { token: "t-none" }, shown)).json).toEqual({ revoked: false });
      for (const none of ["", null, 7]) expect((await gateway.post("revoke-token", { token: none }, shown)).status).toBe(400);
      expect((await gateway.post("revoke-token", {}, shown)).json).toEqual({ revoked: true });
      expect((await gateway.post("list-items", {}, shown)).status).toBe(401);
    }
    const token = await gateway.login(gateway.admin);
    expect((await tool.usc(["revoke-token", "--token-file", "-"], { input: `${token}\n` })).json).toEqual({ revoked: true });
    expect((await gateway.post("list-items", { token })).status).toBe(401);
  });

  it("gives fields of their own, and none by way of an object's ancestors", async () => {
    const bodies = ['{"__proto__":{"name":"/x"}}', '{"constructor":{"prototype":{"name":"/x"}}}', '{"__proto__":{"token":"t"}}'];
    for (const body of bodies) {
      const { status, json } = await gateway.post("create-role", body, bearer(admin));
      expect({ status, error: json["error"] }).toEqual({ status: 400, error: "--name is missing." });
    }
    expect((await gateway.post("create-role", '{"__proto__":{"x":1},"name":"__proto__"}', bearer(admin))).status).toBe(200);
    expect((await gateway.post("get-role", { token: admin, name: "constructor" })).status).toBe(404);
    expect((await gateway.post("get-role", { token: admin, name: "__proto__" })).json).toMatchObject({ role_name: "/__proto__" });
  });
});
