import * as z from "zod/mini";
import type { Connector } from "./model.ts";

/** A connector as Akeyless' clients know an item. */
export const itemView = () =>
  z.object({
    item_id: z.int(),
    item_name: z.string(),
    item_type: z.literal("USC"),
    item_metadata: z.string(),
    item_tags: z.array(z.string()),
    usc_tags: z.record(z.string(), z.string()),
    delete_protection: z.boolean(),
    enable_purge: z.boolean(),
    is_enabled: z.literal(true),
    creation_date: z.string(),
    modification_date: z.string(),
    vault_url: z.string(),
    item_targets_assoc: z.array(
      z.object({ target_name: z.string(), target_type: z.literal("azure"), attributes: z.object({ azure_vault: z.string() }) }),
    ),
  });

export const viewOf = (connector: Connector): z.infer<ReturnType<typeof itemView>> => ({
  item_id: connector.id,
  item_name: connector.name,
  item_type: "USC",
  item_metadata: connector.description ?? "",
  item_tags: connector.tags,
  usc_tags: connector["usc-tags"],
  delete_protection: connector["delete-protection"],
  enable_purge: connector["enable-purge"] ?? false,
  is_enabled: true,
  creation_date: connector["created-at"],
  modification_date: connector["modified-at"],
  vault_url: connector["vault-url"],
  item_targets_assoc: [
    { target_name: connector["target-name"], target_type: "azure", attributes: { azure_vault: connector["vault-name"] } },
  ],
});
