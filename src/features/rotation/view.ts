import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { present } from "../../kernel/present.ts";
import { customFieldsView } from "../connectors/model.ts";
import type { AssociatedView, ItemView } from "../connectors/port.ts";
import type { Associated } from "./associations.ts";
import type { RotatedSecret } from "./model.ts";
import { policyView } from "./password-policy.ts";
import { nextRotation, nextStep } from "./schedule.ts";

/** A row of the list. */
export const rotatedView = () =>
  z.object({
    item_id: z.int(),
    item_name: z.string(),
    target_name: z.string(),
    rotator_type: z.string(),
    rotator_status: z.string(),
    last_version: z.int(),
    auto_rotate: z.boolean(),
    last_rotation_date: z.optional(z.string()),
    next_rotation_date: z.optional(z.string()),
    last_rotation_error: z.optional(z.string()),
  });

/** Akeyless' words; Terraform fails on any other. */
const rotators = {
  "api-key": "api-key-rotator",
  target: "target-rotator",
  password: "user-pass-rotator",
  "azure-storage-account": "azure-storage-account-rotator",
} as const;
const statuses = { ok: "RotationSucceeded", failed: "RotationFailed", unverified: "unverified" } as const;

const dates = (item: RotatedSecret): { last_rotation_date?: string; next_rotation_date?: string } => {
  const next = nextRotation(item);
  return present({ last_rotation_date: item["rotated-at"], next_rotation_date: next === undefined ? undefined : rfc3339(next) });
};

export const viewOf = (item: RotatedSecret): z.infer<ReturnType<typeof rotatedView>> => ({
  item_id: item.id,
  item_name: item.name,
  target_name: item["target-name"],
  rotator_type: rotators[item["rotator-type"]],
  rotator_status: statuses[item.status],
  last_version: item.version,
  auto_rotate: item["auto-rotate"],
  ...dates(item),
  ...present({ last_rotation_error: item["last-error"] }),
});

/** Where no interval and hour are said, those of the rotation hold. */
const graceView = (item: RotatedSecret) => {
  const { grace } = item;
  const next = nextStep(item)?.does;
  return {
    grace_rotation: grace !== undefined,
    ...present({
      grace_rotation_interval: grace && (grace.interval ?? item["rotation-interval"]),
      grace_rotation_hour: grace && (grace.hour ?? item["rotation-hour"]),
      grace_rotation_timing: grace?.timing,
      next_auto_rotate_type: next && steps[next],
    }),
  };
};

const steps = { rotate: "rotate", make: "make-next", retire: "remove-spare" } as const;

/** As every item is described. */
export const itemViewOf = (item: RotatedSecret, associated: readonly Associated[]): ItemView => ({
  item_id: item.id,
  item_name: item.name,
  item_type: "ROTATED_SECRET",
  item_metadata: item.description ?? "",
  item_tags: item.tags,
  item_custom_fields_details: customFieldsView(item["item-custom-fields"]),
  delete_protection: item["delete-protection"],
  is_enabled: true,
  creation_date: item["created-at"],
  modification_date: item["modified-at"],
  last_version: item.version,
  auto_rotate: item["auto-rotate"],
  ...dates(item),
  ...present({ rotation_interval: item["rotation-interval"] }),
  item_targets_assoc: [{ target_name: item["target-name"], target_type: "azure" }],
  item_general_info: {
    rotated_secret_details: {
      rotator_type: rotators[item["rotator-type"]],
      rotator_creds_type: item["authentication-credentials"],
      rotator_status: statuses[item.status],
      rotation_hour: item["rotation-hour"],
      max_versions: item["max-versions"],
      ...graceView(item),
      ...present({ last_rotation_error: item["last-error"] }),
    },
    ...present({ password_policy: item.policy === undefined ? undefined : policyView(item.policy) }),
    next_rotation_events: item["rotation-event-in"].map((days) => ({ seconds_before: days * 86_400 })),
  },
  usc_sync_associated_items: associated.map((each) =>
    associatedView(each, { item_id: each.place.usc, item_name: each.place["usc-name"], item_type: "USC" }),
  ),
});

/** An association, as one of its ends shows the other. */
const associatedView = (
  { value, place }: Associated,
  other: Pick<AssociatedView, "item_id" | "item_name" | "item_type">,
): AssociatedView => ({
  assoc_id: String(value.id),
  ...other,
  delete_remote: place["delete-remote"],
  attributes: {
    secret_name: place.name,
    delete_remote: place["delete-remote"],
    ...present({ secret_id: value["secret-id"], jq_secret_filter: place.filter, last_error: value["last-error"] }),
  },
  ...(value.pushed === 0 ? {} : { last_synced_version: value.pushed }),
});

/** What a connector shows of a rotated secret that is synced through it. */
export const throughView = (associated: Associated, { id, name }: RotatedSecret): AssociatedView =>
  associatedView(associated, { item_id: id, item_name: name, item_type: "ROTATED_SECRET" });
