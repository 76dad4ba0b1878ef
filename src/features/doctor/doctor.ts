import * as z from "zod/mini";
import { type Check, checkOf, concluded, stepRow } from "../../kernel/check.ts";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { count, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { ObjectAdapter, OpenVault, Vault } from "../objects/port.ts";
import type { Diagnosis } from "./port.ts";

interface Deps {
  clock: Clock;
  openVault: OpenVault;
  adapter: Pick<ObjectAdapter, "pages" | "get">;
  /** One for each check. */
  diagnose: () => Diagnosis;
}

/** No vault should have it; one that has it is as well. */
const absentName = "usc-doctor-looks-for-this";

export const doctor = (deps: Deps) =>
  operation({
    name: "doctor",
    summary: "Walks the way to a vault step by step, and says which step fails",
    example: "doctor --usc-name /prod/kv -o table",
    notes:
      "Writes nothing and repeats nothing. The answer is printed in any case; the exit is that of the step that failed, and the steps behind it are skipped.",
    effect: "read",
    needs: [onItem("read")],
    steps: "steps",
    input: () =>
      z.object({
        "usc-name": text("Connector to look at", { short: "n" }),
        timeout: count("Seconds until the check gives up (default: 30)", [1, 3600]),
      }),
    output: () =>
      z.object({
        status: z.enum(["ok", "failed"]),
        vault_url: z.string(),
        target_name: z.string(),
        azure_cloud: z.string(),
        steps: z.array(stepRow()),
      }),
    run: async ({ "usc-name": name, timeout = 30 }) => {
      const vault = await deps.openVault(name, { deadline: deps.clock.now() + timeout * 1000, maxRetries: 0 });
      const check = checkOf(deps.clock);
      const diagnosis = deps.diagnose();
      await reach(check, diagnosis, vault);
      await use(check, diagnosis, deps.adapter, vault);
      return concluded(check, {
        status: check.failure ? "failed" : "ok",
        vault_url: vault.url,
        target_name: vault.target.name,
        azure_cloud: vault.cloud.name,
        steps: check.rows,
      } as const);
    },
  });

async function reach(check: Check, diagnosis: Diagnosis, vault: Vault): Promise<void> {
  const proxy = diagnosis.proxy(vault);
  const whose = proxy === undefined ? "the vault's host" : `the proxy ${proxy}`;
  await check.step("dns", async () => `${(await diagnosis.dns(vault)).join(", ")} for ${whose}`);
  await check.step("tcp", async () => {
    await diagnosis.tcp(vault);
    return `connected to ${whose}`;
  });
  if (proxy === undefined) check.skip("proxy", "no proxy is set for this host");
  else {
    await check.step("proxy", async () => {
      await diagnosis.tunnel(vault);
      return `${proxy} opens a tunnel to the vault`;
    });
  }
  await check.step("tls", async () => {
    await diagnosis.tls(vault);
    return `the certificate is trusted${vault.cloud["ca-pem"] === undefined ? "" : ` with the CA of the cloud ${vault.cloud.name}`}`;
  });
}

async function use(check: Check, diagnosis: Diagnosis, adapter: Deps["adapter"], vault: Vault): Promise<void> {
  await check.step("entra", async () => {
    const { objectId, tenant, expires } = await diagnosis.login(vault);
    return `logged in as ${objectId === undefined ? "the application" : `the object id ${objectId}`} of the tenant ${tenant}, until ${rfc3339(expires)}`;
  });
  await check.step("challenge", async () => {
    const { tenant, audience } = await diagnosis.challenge(vault);
    return `the vault wants ${audience} and the tenant ${tenant}`;
  });
  await check.step("list", async () => {
    for await (const { items } of adapter.pages(vault, { size: 1 })) if (items.length > 0) return "the vault has secrets";
    return "the vault has no secrets";
  });
  await check.step("get", async () => {
    await adapter.get(vault, absentName).catch(passWith(["not_found"]));
    return "a secret that is not there is not found, as it should be";
  });
  await check.step("certificates", async () => {
    const found = await diagnosis.certificates(vault).catch(passWith(["forbidden"]));
    // Who only keeps secrets needs no role for them.
    if (found === undefined) return "the target may not list certificates; secrets need no right to";
    return found > 0 ? "the vault has certificates" : "the vault has no certificates";
  });
}

const passWith =
  (codes: readonly UscError["code"][]) =>
  (error: unknown): undefined => {
    if (!(error instanceof UscError) || !codes.includes(error.code)) throw error;
  };
