import { expect, it } from "vitest";
import { UscError } from "../../src/kernel/errors.ts";
import { furnished, identity, refused } from "../support/house.ts";

const demo = "https://vvv.vault.azure.net";

it("a target that logs in is told with what it is in Entra and what its vaults want", async () => {
  const { call, login } = await furnished();
  await call("create-usc", { name: "same", "target-to-associate": "t", "azure-kv-url": demo });
  expect(await call("target test", { name: "t", "max-retries": 2 })).toEqual({
    target_name: "/t",
    connection_type: "credentials",
    azure_cloud: "AzureCloud",
    tenant_id: identity["tenant-id"],
    client_id: identity["client-id"],
    object_id: "oid-1",
    audience: "https://vault.azure.net",
    token_expires: "2026-01-01T01:00:00Z",
    vaults: [
      {
        vault_url: demo,
        status: "ok",
        wants: {
          login: "https://login.microsoftonline.com",
          tenant_id: identity["tenant-id"],
          audience: "https://vault.azure.net",
        },
      },
    ],
  });
  expect(login.seen).toEqual(["login /t 2", `ask ${demo}`]);
});

it("the vault given is the one that is asked, and no vault is needed", async () => {
  const { call, login } = await furnished();
  await call("create-usc", { name: "other", "target-to-associate": "t", "azure-kv-name": "other" });
  await call("target test", { name: "t", "usc-name": "other" });
  await call("target test", { name: "t", "azure-kv-url": "https://third.vault.azure.net" });
  expect(login.seen.filter((seen) => seen.startsWith("ask"))).toEqual([
    "ask https://other.vault.azure.net",
    "ask https://third.vault.azure.net",
  ]);
  await call("target create azure", { name: "lone", ...identity });
  expect(await call("target test", { name: "lone" })).toMatchObject({ vaults: [] });
  await expect(call("target test", { name: "lone", "usc-name": "kv" })).rejects.toEqual(refused("not_found", /uses the target \/lone/u));
  await expect(call("target test", { name: "t", "usc-name": "kv", "azure-kv-url": demo })).rejects.toEqual(refused("usage"));
});

it("a vault that wants somebody else fails, and the answer is given all the same", async () => {
  const { call, login } = await furnished();
  await call("create-usc", { name: "other", "target-to-associate": "t", "azure-kv-name": "other" });
  login.switches.foreign = demo;
  const error: unknown = await call("target test", { name: "t" }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "unauthenticated",
    details: {
      answer: {
        object_id: "oid-1",
        vaults: [
          {
            status: "failed",
            wants: { tenant_id: "another" },
            detail: expect.stringContaining("another tenant"),
            hint: "Use another target.",
          },
          { status: "ok" },
        ],
      },
    },
  });
});

it("an identity that Entra refuses is its refusal, and no vault is asked", async () => {
  const { call, login } = await furnished();
  login.switches.refuse = new UscError("unauthenticated", "The client secret is wrong.");
  await expect(call("target test", { name: "t" })).rejects.toEqual(refused("unauthenticated", /wrong/u));
  expect(login.seen).toEqual(["login /t -"]);
});
