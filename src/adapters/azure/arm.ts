import * as z from "zod/mini";
import { armAudienceOf } from "../../features/targets/clouds.ts";
import type { Cloud, Target } from "../../features/targets/model.ts";
import type { FoundVault, VaultFinder } from "../../features/targets/port.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { once } from "../../kernel/once.ts";
import { present } from "../../kernel/present.ts";
import { armPages } from "./arm-pages.ts";
import type { Asked } from "./authorised.ts";
import { type AzureOptions, openSession } from "./index.ts";
import { vaultUrl } from "./vault-url.ts";

const Subscription = once(() => z.object({ subscriptionId: z.guid(), state: z.optional(z.string()) }));

const VaultResource = once(() =>
  z.object({
    id: z.string(),
    name: z.string(),
    location: z.string(),
    properties: z.object({
      vaultUri: z.string(),
      tenantId: z.string(),
      enableRbacAuthorization: z.optional(z.nullable(z.boolean())),
      enablePurgeProtection: z.optional(z.nullable(z.boolean())),
      softDeleteRetentionInDays: z.optional(z.nullable(z.number())),
    }),
  }),
);

/** What Azure Resource Manager tells of vaults. */
export function azureVaultFinder(options: AzureOptions): VaultFinder {
  const session = openSession(options);
  return {
    async *pages(cloud, target, subscription, onRefused, limits) {
      const wanted = await session.wanted({ cloud, target });
      const asked = { session, wanted: { ...wanted, audience: armAudienceOf(cloud) }, limits };
      const vaultsOf = async function* (id: string): AsyncGenerator<FoundVault[]> {
        const path = `/subscriptions/${id}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01`;
        for await (const page of armPages(asked, path, VaultResource)) yield page.map((vault) => found(cloud, vault));
      };
      if (subscription !== undefined) yield* vaultsOf(subscription);
      else yield* ofAll(target, await enabledOf(asked), vaultsOf, onRefused);
    },
  };
}

// The states in which ARM refuses or soon forgets what is in a subscription; "Warned" and "PastDue" can be read.
const closed: ReadonlySet<string> = new Set(["Disabled", "Deleted", "Expired"]);

async function enabledOf(asked: Asked): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of armPages(asked, "/subscriptions?api-version=2022-12-01", Subscription)) {
    ids.push(...page.filter(({ state = "Enabled" }) => !closed.has(state)).map(({ subscriptionId }) => subscriptionId));
  }
  return ids;
}

/** One that the identity may not look into hides no other; but if that is so of each, nothing was looked at. */
async function* ofAll(
  target: Target,
  ids: readonly string[],
  vaultsOf: (id: string) => AsyncIterable<FoundVault[]>,
  onRefused: (refusal: UscError) => void,
): AsyncGenerator<FoundVault[]> {
  if (ids.length === 0) throw seesNone(target);
  const refusals: UscError[] = [];
  for (const id of ids) {
    try {
      yield* vaultsOf(id);
    } catch (error) {
      if (!isCode(error, "forbidden")) throw error;
      refusals.push(error);
    }
  }
  if (refusals[0] !== undefined && refusals.length === ids.length) throw refusals[0];
  for (const refusal of refusals) onRefused(refusal);
}

function found(cloud: Cloud, { id, name, location, properties }: z.infer<ReturnType<typeof VaultResource>>): FoundVault {
  const [, subscription, resourceGroup] = /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\//i.exec(id) ?? [];
  if (subscription === undefined || resourceGroup === undefined) {
    throw new UscError("unavailable", "Azure Resource Manager told of a vault without saying where it is.");
  }
  return {
    name,
    url: urlOf(cloud, properties.vaultUri),
    resourceGroup,
    subscription,
    location,
    tenant: properties.tenantId,
    rbac: properties.enableRbacAuthorization ?? false,
    purgeProtection: properties.enablePurgeProtection ?? false,
    ...present({ softDeleteDays: properties.softDeleteRetentionInDays ?? undefined }),
  };
}

function urlOf(cloud: Cloud, uri: string): string {
  try {
    return vaultUrl(cloud, { url: uri }).url;
  } catch (error) {
    if (!isCode(error, "usage")) throw error;
    throw new UscError("unavailable", `Azure Resource Manager told of a vault at an address that is not one of the cloud ${cloud.name}.`, {
      hint: "Check the target's cloud and its Key Vault suffix: usc cloud list.",
    });
  }
}

const seesNone = ({ name }: Target): UscError =>
  new UscError("forbidden", `The target ${name} sees no enabled subscription.`, {
    hint: "Assign it the role Reader on a subscription or a resource group; a new role takes some minutes to arrive.",
  });
