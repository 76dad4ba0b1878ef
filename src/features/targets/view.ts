import * as z from "zod/mini";
import { connectionTypeOf, connectionTypes, type Target } from "./model.ts";

/** A target as Akeyless' clients know it; never its secret. */
export const targetView = () =>
  z.object({
    target_id: z.int(),
    target_name: z.string(),
    target_type: z.literal("azure"),
    comment: z.string(),
    tags: z.array(z.string()),
    delete_protection: z.boolean(),
    creation_date: z.string(),
    modification_date: z.string(),
    connection_type: z.enum(connectionTypes),
    azure_cloud: z.string(),
    azure_tenant_id: z.optional(z.string()),
    azure_client_id: z.optional(z.string()),
  });

export const viewOf = (target: Target): z.infer<ReturnType<typeof targetView>> => ({
  target_id: target.id,
  target_name: target.name,
  target_type: "azure",
  comment: target.description ?? "",
  tags: target.tags,
  delete_protection: target["delete-protection"],
  creation_date: target["created-at"],
  modification_date: target["modified-at"],
  connection_type: connectionTypeOf(target),
  azure_cloud: target["azure-cloud"],
  azure_tenant_id: target["tenant-id"],
  azure_client_id: target["client-id"],
});
