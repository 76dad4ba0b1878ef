import * as z from "zod/mini";
import { type Connector, customFieldsView } from "./model.ts";

/** An item as Akeyless' clients know it: a connector, or one of another kind. */
export const itemView = () =>
  z.object({
    item_id: z.int(),
    item_name: z.string(),
    item_type: z.enum(["USC", "ROTATED_SECRET"]),
    item_metadata: z.string(),
    item_tags: z.array(z.string()),
    usc_tags: z.optional(z.record(z.string(), z.string())),
    item_custom_fields_details: z.array(z.object({ name: z.string(), value: z.string() })),
    delete_protection: z.boolean(),
    enable_purge: z.optional(z.boolean()),
    is_enabled: z.literal(true),
    creation_date: z.string(),
    modification_date: z.string(),
    vault_url: z.optional(z.string()),
    item_targets_assoc: z.array(
      z.object({
        target_name: z.string(),
        target_type: z.literal("azure"),
        attributes: z.optional(z.object({ azure_vault: z.string() })),
      }),
    ),
    usc_sync_associated_items: z.array(associatedView()),
    ...ofRotated(),
  });
export type ItemView = z.infer<ReturnType<typeof itemView>>;

/** One end of an association, as the other end shows it: of a rotated secret the connector, and of a connector the rotated secret. */
const associatedView = () => {
  const text = z.optional(z.string());
  return z.object({
    assoc_id: z.string(),
    item_id: z.int(),
    item_name: z.string(),
    item_type: z.enum(["USC", "ROTATED_SECRET"]),
    delete_remote: z.boolean(),
    attributes: z.object({
      secret_id: text,
      secret_name: z.string(),
      jq_secret_filter: text,
      last_error: text,
      delete_remote: z.boolean(),
    }),
    /** The version that was seen to stand there. */
    last_synced_version: z.optional(z.int()),
  });
};
export type AssociatedView = z.infer<ReturnType<typeof associatedView>>;

/** What a rotated secret has beside. */
const ofRotated = () => {
  const text = z.optional(z.string());
  const yes = z.boolean();
  return {
    last_version: z.optional(z.int()),
    auto_rotate: z.optional(z.boolean()),
    /** Days. */
    rotation_interval: z.optional(z.int()),
    last_rotation_date: text,
    next_rotation_date: text,
    item_general_info: z.optional(
      z.object({
        rotated_secret_details: z.object({
          rotator_type: z.string(),
          rotator_creds_type: z.string(),
          rotator_status: z.string(),
          last_rotation_error: text,
          rotation_hour: z.int(),
          max_versions: z.int(),
          grace_rotation: z.boolean(),
          grace_rotation_interval: z.optional(z.int()),
          grace_rotation_hour: z.optional(z.int()),
          grace_rotation_timing: text,
          next_auto_rotate_type: text,
        }),
        password_policy: z.optional(
          z.object({
            password_length: z.int(),
            use_capital_letters: yes,
            use_lower_letters: yes,
            use_numbers: yes,
            use_special_characters: yes,
          }),
        ),
        next_rotation_events: z.array(z.object({ seconds_before: z.int() })),
      }),
    ),
  };
};

export const viewOf = (connector: Connector, synced: readonly AssociatedView[]): ItemView => ({
  item_id: connector.id,
  item_name: connector.name,
  item_type: "USC",
  item_metadata: connector.description ?? "",
  item_tags: connector.tags,
  item_custom_fields_details: customFieldsView(connector["item-custom-fields"]),
  usc_tags: connector["usc-tags"],
  delete_protection: connector["delete-protection"],
  enable_purge: connector["enable-purge"] ?? false,
  is_enabled: true,
  creation_date: connector["created-at"],
  modification_date: connector["modified-at"],
  vault_url: connector["vault-url"],
  usc_sync_associated_items: [...synced],
  item_targets_assoc: [
    { target_name: connector["target-name"], target_type: "azure", attributes: { azure_vault: connector["vault-name"] } },
  ],
});
