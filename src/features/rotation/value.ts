import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { type May, refused } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import { targets } from "../targets/model.ts";
import { contentOf } from "./find.ts";
import type { RotatedSecret } from "./model.ts";

/** As Akeyless' clients know it. */
export const rotatedValue = () => {
  const maybe = z.optional(z.string());
  const target = z.object({ azure_tenant_id: maybe, azure_client_id: maybe, azure_client_secret: maybe, azure_cloud: maybe });
  return z.object({ username: maybe, password: maybe, application_id: maybe, target_value: z.optional(target) });
};
export type Value = z.infer<ReturnType<typeof rotatedValue>>;

/** The current value of an item, or with `version` > 0 an earlier one. */
export async function valueOf(store: Store, item: RotatedSecret, version = 0): Promise<Value> {
  const { content } = await contentOf(store, item);
  const { holder } = content;
  const found = content.versions.find((each) => (version > 0 ? each.version === version : each.version === item.version));
  if (found === undefined) throw absent(item, version);
  const { secret: password } = found;
  if (item["rotator-type"] === "api-key") return { username: found["key-id"], password, application_id: holder };
  if (item["rotator-type"] !== "target") return { username: content.key ?? holder, password };
  // Who gives the target another secret by hand has changed what it is.
  const target = (await store.collection(targets).get(item["target-name"]))?.value;
  const secret = version > 0 ? password : (target?.["client-secret"] ?? password);
  const whose = { azure_tenant_id: target?.["tenant-id"], azure_client_id: holder, azure_cloud: target?.["azure-cloud"] };
  return { target_value: { ...whose, azure_client_secret: secret } };
}

/** A client secret of the target's own application is as good as the target: to see it wants `reveal` on the target, whatever the rotator. */
export async function requireSight(store: Store, may: May, item: RotatedSecret): Promise<void> {
  const { content } = await contentOf(store, item);
  const path = item["target-name"];
  const client = (await store.collection(targets).get(path))?.value["client-id"]?.toLowerCase();
  const isOfTarget = item["rotator-type"] === "target" || content.holder === client;
  if (isOfTarget && !may("reveal", "target", path)) throw refused("reveal", "target", path);
}

function absent({ name, version: current }: RotatedSecret, version: number): UscError {
  if (current === 0) {
    return new UscError("not_found", `${name} has no value yet: its first one was not made to the end.`, {
      hint: `usc rotate-secret --name ${name}`,
    });
  }
  return new UscError("not_found", `${name} has no version ${version}, or keeps it no more.`, {
    hint: `Version ${current} is the current one.`,
  });
}
