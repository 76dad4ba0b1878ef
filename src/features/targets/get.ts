import * as z from "zod/mini";
import { text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onTarget } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import { findTarget } from "./find.ts";
import { connectionTypeOf, connectionTypes, type Target } from "./model.ts";
import { targetView, viewOf } from "./view.ts";

export const get = ({ store }: { store: Store }) =>
  operation({
    name: "target get",
    legacyRoutes: ["get-target"],
    summary: "Shows a target without its secret",
    example: "target get --name /prod/app",
    effect: "read",
    needs: [onTarget("read")],
    input: () => z.object({ name: text("Path of the target", { short: "n" }) }),
    output: targetView,
    run: async ({ name }) => viewOf((await findTarget(store, name)).value),
  });

export const getDetails = ({ store }: { store: Store }) =>
  operation({
    name: "target get-details",
    legacyRoutes: ["get-target-details"],
    summary: "Shows a target with its client secret or certificate",
    example: "target get-details --name /prod/app",
    notes: "The only command that prints a target's secret.",
    effect: "read",
    needs: [onTarget("read"), onTarget("reveal")],
    input: () => z.object({ name: text("Path of the target", { short: "n" }) }),
    output: () =>
      z.object({
        target: targetView(),
        value: z.object({
          azure_target_details: z.object({
            azure_tenant_id: z.optional(z.string()),
            azure_client_id: z.optional(z.string()),
            azure_client_secret: z.optional(z.string()),
            azure_client_certificate: z.optional(z.string()),
            azure_send_certificate_chain: z.optional(z.boolean()),
            azure_federated_token_file: z.optional(z.string()),
            azure_managed_identity_client_id: z.optional(z.string()),
            azure_managed_identity_object_id: z.optional(z.string()),
            azure_managed_identity_resource_id: z.optional(z.string()),
            azure_cloud: z.string(),
            azure_subscription_id: z.optional(z.string()),
            azure_resource_group_name: z.optional(z.string()),
            azure_resource_name: z.optional(z.string()),
            connection_type: z.enum(connectionTypes),
            use_gw_cloud_identity: z.boolean(),
          }),
        }),
      }),
    run: async ({ name }) => {
      const { value: target } = await findTarget(store, name);
      return { target: viewOf(target), value: { azure_target_details: detailsOf(target) } };
    },
  });

const detailsOf = (target: Target) => ({
  azure_tenant_id: target["tenant-id"],
  azure_client_id: target["client-id"],
  azure_client_secret: target["client-secret"],
  azure_client_certificate: target["client-certificate"],
  azure_send_certificate_chain: target["send-certificate-chain"],
  azure_federated_token_file: target["federated-token-file"],
  azure_managed_identity_client_id: target["managed-identity-client-id"],
  azure_managed_identity_object_id: target["managed-identity-object-id"],
  azure_managed_identity_resource_id: target["managed-identity-resource-id"],
  azure_cloud: target["azure-cloud"],
  azure_subscription_id: target["subscription-id"],
  azure_resource_group_name: target["resource-group-name"],
  azure_resource_name: target["resource-name"],
  connection_type: connectionTypeOf(target),
  use_gw_cloud_identity: connectionTypeOf(target) === "managed-identity",
});
