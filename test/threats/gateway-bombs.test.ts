import { afterAll, expect, it } from "vitest";
import { opensslFolder } from "../emulator/openssl.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
const tool = opensslFolder();
const gateway = await gatewayOver(lab);
const token = await gateway.login(gateway.admin);
afterAll(async () => {
  await gateway.stop();
  await lab.stop();
});

tool.pair("bomb", "/CN=bomb.example");
const words = ["-inkey", "bomb.key", "-in", "bomb.crt", "-passout", "pass:x", "-out", "bomb.pfx"];
// A third of the work that one file may ask for: seconds of it.
tool.run("pkcs12", "-export", ...words, "-certpbe", "NONE", "-keypbe", "NONE", "-macalg", "sha512", "-iter", "600000");
const value = tool.read("bomb.pfx").toString("base64");

/** How often `probe` was answered while `work` ran, and what came of the work. */
async function meanwhile<T>(work: Promise<T>, probe: () => Promise<void>): Promise<{ answered: number; came: T }> {
  const state = { isOver: false };
  const watched = work.finally(() => (state.isOver = true));
  let answered = 0;
  for (; !state.isOver; answered += 1) await probe();
  return { answered, came: await watched };
}

it("C19 a file that takes seconds to read holds nobody else up", async () => {
  const body = { token, "usc-name": "kv", "secret-name": "bomb", "object-type": "certificate", "pfx-password": "wrong", value };
  const begun = performance.now();
  const { answered, came } = await meanwhile(gateway.post("usc-create", body), async () => {
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect((await gateway.post("list-items", { token })).status).toBe(200);
  });
  expect(came).toMatchObject({ status: 400, json: { code: "usage", error: expect.stringContaining("password") } });
  expect(performance.now() - begun).toBeGreaterThan(1000);
  expect(answered).toBeGreaterThan(50);
});

it("C19 nor does one that comes as a target's client certificate", async () => {
  const ids = { "tenant-id": lab.ready.tenant_id, "client-id": lab.ready.client_id, "azure-cloud": "lab" };
  const body = {
    token,
    name: "bomb",
    "connection-type": "certificate",
    ...ids,
    "client-certificate": value,
    "client-certificate-password": "wrong",
  };
  const { answered, came } = await meanwhile(gateway.post("target-create-azure", body), async () => {
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });
  expect(came).toMatchObject({ status: 400, json: { code: "usage", error: expect.stringContaining("password") } });
  expect(answered).toBeGreaterThan(50);
});
