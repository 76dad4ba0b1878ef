import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { type May, onItem, onTarget } from "../../kernel/rights.ts";
import { inParallel } from "../../kernel/parallel.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import type { Store } from "../../kernel/store.ts";
import { trustedCloud } from "./clouds.ts";
import { findTarget } from "./find.ts";
import { limits, limitsOf } from "./inputs.ts";
import { type Cloud, connectionTypeOf, connectionTypes, type Target } from "./model.ts";
import type { Login, Limits, TargetUsers, Wish } from "./port.ts";

interface Deps {
  store: Store;
  clock: Clock;
  users: TargetUsers;
  may: May;
  /** On demand: no other verb of this room has a use for the network. */
  login: () => Promise<Login>;
}

const vaultRow = () =>
  z.object({
    vault_url: z.string(),
    status: z.enum(["ok", "failed"]),
    wants: z.optional(z.object({ login: z.string(), tenant_id: z.string(), audience: z.string() })),
    detail: z.optional(z.string()),
    hint: z.optional(z.string()),
  });

export const test = (deps: Deps) =>
  operation({
    name: "target test",
    summary: "Logs in as a target, and asks its vaults whom they want",
    example: "target test --name /prod/app",
    notes:
      "Always a new login, so a changed secret shows at once. Asks the vault given, or those of all connectors that use the target; a vault answers this without looking at roles: `usc doctor` does.",
    effect: "read",
    oneThing: true,
    needs: [onTarget("read"), onItem("read", "usc-name")],
    input: () =>
      z.object({
        name: text("Path of the target", { short: "n" }),
        "usc-name": optionalText("Ask the vault of this connector alone"),
        "azure-kv-url": optionalText("Ask this vault", { placeholder: "URL" }),
        ...limits(),
      }),
    output: () =>
      z.object({
        target_name: z.string(),
        connection_type: z.enum(connectionTypes),
        azure_cloud: z.string(),
        tenant_id: z.optional(z.string()),
        client_id: z.optional(z.string()),
        object_id: z.optional(z.string()),
        audience: z.string(),
        token_expires: z.string(),
        vaults: z.array(vaultRow()),
      }),
    run: async (input) => {
      const { key, value: target } = await findTarget(deps.store, input.name);
      const cloud = await trustedCloud(deps.store, key, target);
      const urls = await vaultsToAsk(deps, key, input);
      const allowed = limitsOf(deps.clock, input);
      const login = await deps.login();
      const identity = await login.identify(cloud, target, allowed);
      const asked: Asked[] = [];
      for await (const one of inParallel(urls, 16, (url) => ask(login, cloud, target, url, allowed))) asked.push(one);
      const answer = {
        target_name: key,
        connection_type: connectionTypeOf(target),
        azure_cloud: cloud.name,
        ...present({ tenant_id: identity.tenant, client_id: identity.client, object_id: identity.objectId }),
        audience: identity.audience,
        token_expires: rfc3339(identity.expires),
        vaults: asked.map(({ row }) => row),
      };
      const failure = asked.find((each) => each.failure)?.failure;
      if (failure) throw new UscError(failure.code, failure.message, { ...failure.details, answer });
      return answer;
    },
  });

async function vaultsToAsk(
  { users, may }: Deps,
  target: string,
  input: { "usc-name"?: string | undefined; "azure-kv-url"?: string | undefined },
): Promise<string[]> {
  const { "usc-name": given, "azure-kv-url": url } = input;
  if (given !== undefined && url !== undefined) throw new UscError("usage", "--usc-name and --azure-kv-url exclude each other.");
  if (url !== undefined) return [url];
  const all = (await users.of(target)).filter((user) => user["vault-url"] !== undefined);
  const path = given === undefined ? undefined : itemPath(given, "connector");
  // The address of a vault is told to who may list its connector.
  const wanted = all.filter(({ name }) => (path === undefined ? may("list", "item", name) : name === path));
  if (path !== undefined && wanted.length === 0) {
    throw new UscError("not_found", `There is no connector ${path} that uses the target ${target}.`, {
      hint: "`usc list-items` shows the connectors and their targets.",
    });
  }
  return [...new Set(wanted.flatMap((user) => user["vault-url"] ?? []))];
}

interface Asked {
  row: z.infer<ReturnType<typeof vaultRow>>;
  failure?: UscError;
}

async function ask(login: Login, cloud: Cloud, target: Target, url: string, allowed: Limits): Promise<Asked> {
  let wants: { login: string; tenant_id: string; audience: string } | undefined;
  const onWish = (wish: Wish): void => void (wants = { login: wish.login, tenant_id: wish.tenant, audience: wish.audience });
  const shown = () => ({ vault_url: url, ...(wants === undefined ? {} : { wants }) });
  try {
    await login.wish(cloud, target, url, onWish, allowed);
    return { row: { ...shown(), status: "ok" } };
  } catch (failure) {
    if (!(failure instanceof UscError)) throw failure;
    const { hint } = failure.details;
    return { row: { ...shown(), status: "failed", detail: failure.message, ...(hint === undefined ? {} : { hint }) }, failure };
  }
}
