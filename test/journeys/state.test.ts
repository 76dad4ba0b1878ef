import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { canaries } from "../support/canary.ts";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const { usc, home, said } = lab;

describe("the state of a user who works", () => {
  it("keeps 50 targets of 50 that are created at once", async () => {
    const guid = "11111111-2222-4333-8444-555555555555";
    const names = Array.from({ length: 50 }, (_, index) => `/many/${String(index).padStart(2, "0")}`);
    const ran = await Promise.all(
      names.map((name) =>
        usc(["target", "create", "azure", "--name", name, "--tenant-id", guid, "--client-id", guid, "--client-secret", "x"]),
      ),
    );
    expect(ran.map(({ exit }) => exit)).toEqual(names.map(() => 0));
    const { targets } = (await usc(["target", "list", "--filter", "/many/"])).json as {
      targets: { target_name: string; target_id: number }[];
    };
    expect(targets.map((target) => target.target_name)).toEqual(names);
    expect(new Set(targets.map((target) => target.target_id)).size).toBe(50);
  });

  it("holds no secret, no value and no token in the clear, nor did any answer but get's", async () => {
    const value = "canary/value+4f1d ~ zażółć";
    const secret = "canary/secret+9e2b";
    said.length = 0;
    await usc([
      "target",
      "create",
      "azure",
      "--name",
      "c",
      "--azure-cloud",
      "lab",
      "--tenant-id",
      lab.ready.tenant_id,
      "--client-id",
      lab.ready.client_id,
      "--client-secret",
      secret,
    ]);
    await usc(["create-usc", "--name", "c", "--target-to-associate", "c", "--azure-kv-name", lab.vault.name]);
    await usc(["get", "--usc-name", "c", "-s", "x", "--verbose"]);
    await usc(["create", "--usc-name", "kv", "-s", "x", "-v", value, "--verbose"]);
    await usc(["update", "--usc-name", "kv", "-s", "x", "-v", value]);
    await usc(["list", "--usc-name", "kv", "-o", "yaml"]);
    await usc(["delete", "--usc-name", "kv", "-s", "x"]);
    const texts = { said: said.join("\n") };
    expect(canaries(value, { dir: home, texts })).toEqual([]);
    expect(canaries(secret, { dir: home, texts })).toEqual([]);
    expect(canaries(lab.ready.client_secret, { dir: home, texts })).toEqual([]);
  });

  it("S3 key rotate seals everything anew, and everything still opens", async () => {
    const rotated = await usc(["key", "rotate"]);
    expect(rotated.json).toEqual({ key_id: expect.any(String), resealed: expect.any(Number), master_key: "new" });
    expect(Number(rotated.json["resealed"])).toBeGreaterThan(50);
    expect((await usc(["target", "get-details", "--name", "t"])).stdout).toContain(lab.ready.client_secret);
  });

  it("S7 lies in files of 0600 in folders of 0700", () => {
    expect(statSync(home).mode & 0o777).toBe(0o700);
    const modes = readdirSync(home, { recursive: true, withFileTypes: true }).map(
      (entry) => [entry.name, statSync(join(entry.parentPath, entry.name)).mode & 0o777, entry.isDirectory()] as const,
    );
    expect(modes.length).toBeGreaterThan(1);
    for (const [name, mode, folder] of modes) expect([name, mode]).toEqual([name, folder ? 0o700 : 0o600]);
  });
});
