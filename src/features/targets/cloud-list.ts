import * as z from "zod/mini";
import { operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import { armAudienceOf, builtInClouds } from "./clouds.ts";
import { clouds } from "./model.ts";

export const cloudList = ({ store }: { store: Store }) =>
  operation({
    name: "cloud list",
    summary: "Lists the clouds: Microsoft's own and the registered ones",
    example: "cloud list -o table",
    effect: "read",
    needs: [onSystem("list", "/clouds")],
    input: () => z.object({}),
    output: () =>
      z.object({
        clouds: z.array(
          z.object({
            name: z.string(),
            built_in: z.boolean(),
            authority_host: z.string(),
            key_vault_suffix: z.string(),
            key_vault_audience: z.string(),
            graph_endpoint: z.string(),
            arm_endpoint: z.string(),
            arm_audience: z.string(),
            custom_ca: z.boolean(),
          }),
        ),
      }),
    run: async () => {
      const registered = await store.collection(clouds).list();
      return {
        clouds: [...builtInClouds, ...registered.map((stored) => stored.value)].map((cloud) => ({
          name: cloud.name,
          built_in: builtInClouds.includes(cloud),
          authority_host: cloud["authority-host"],
          key_vault_suffix: cloud["key-vault-suffix"],
          key_vault_audience: cloud["key-vault-audience"],
          graph_endpoint: cloud["graph-endpoint"],
          arm_endpoint: cloud["arm-endpoint"],
          arm_audience: armAudienceOf(cloud),
          custom_ca: cloud["ca-pem"] !== undefined,
        })),
      };
    },
  });
