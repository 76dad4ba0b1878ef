import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startEmulator } from "../../src/emulator/index.ts";
import { openLab } from "./support.ts";

const parent = mkdtempSync(join(tmpdir(), "usc-data-"));
afterAll(() => rmSync(parent, { recursive: true }));

test("a data folder brings back secrets, identity, authority and addresses, and nobody else may read it", async () => {
  const dataDir = join(parent, "data");
  const first = await openLab({ dataDir });
  await Promise.all(Array.from({ length: 40 }, (_, index) => first.vault("PUT", `/secrets/kept-${index}`, { value: String(index) })));
  await first.vault("DELETE", "/secrets/kept-0");
  await first.control("PUT", "/settings", { purgeProtection: { demo: true } });
  const token = await first.token();
  await first.stop();

  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(readdirSync(dataDir).sort()).toEqual(["ca.pem", "emulator.json"]);
  for (const file of readdirSync(dataDir)) expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);

  const second = await openLab({ dataDir });
  const { control: _, ...kept } = first.ready;
  expect(second.ready).toMatchObject(kept);
  expect(second.ready.control).not.toBe(first.ready.control);
  expect(second.ca.equals(first.ca)).toBe(true);
  expect((await second.vault("GET", "/secrets/kept-39", undefined, { token })).json.value).toBe("39");
  expect((await second.vault("GET", "/secrets/kept-0")).status).toBe(404);
  expect((await second.vault("GET", "/secrets/kept-1")).json.attributes.recoveryLevel).toBe("Recoverable");
});

test("without a data folder every start is a new tenant with a new authority", async () => {
  const [left, right] = [await openLab(), await openLab()];
  expect(left.ready.tenant_id).not.toBe(right.ready.tenant_id);
  expect(left.ca.equals(right.ca)).toBe(false);
});

test("a port that is taken and a bad vault name fail the start and leave nothing behind", async () => {
  const { ready } = await openLab();
  const port = Number(new URL(ready.authority_host).port);
  await expect(startEmulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await expect(startEmulator({ vaults: ["Not_A_Vault"] })).rejects.toThrow('"Not_A_Vault" is no vault name');
});
