import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { flag, list, optionalText, pairs, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem, onTarget } from "../../kernel/rights.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import type { Store } from "../../kernel/store.ts";
import { findCloud } from "../targets/clouds.ts";
import { findTarget } from "../targets/find.ts";
import { targets } from "../targets/model.ts";
import { connectors } from "./model.ts";
import type { OtherItems, VaultAddress } from "./port.ts";
import { refuseMark } from "./refuse-mark.ts";

interface Deps {
  store: Store;
  clock: Clock;
  vaultAddress: VaultAddress;
  others: OtherItems;
}

export const create = ({ store, clock, vaultAddress, others }: Deps) =>
  operation({
    name: "create-usc",
    summary: "Creates a connector: one Key Vault, reached through one target",
    example: "create-usc --name /prod/kv --target-to-associate /prod/app --azure-kv-name my-vault",
    notes: "Sends no request: a wrong vault shows at its first use.",
    effect: "write",
    needs: [onItem("create", "name"), onTarget("read", "target-to-associate")],
    input: () =>
      z.object({
        name: text("Path of the connector", { short: "n" }),
        "target-to-associate": text("Target whose identity opens the vault", { short: "a", placeholder: "NAME" }),
        "azure-kv-name": optionalText("Name of the vault", { short: "v", placeholder: "NAME" }),
        "azure-kv-url": optionalText("URL of the vault, instead of its name", { placeholder: "URL" }),
        description: optionalText("What the connector is for"),
        tag: list("Tag of the connector; may be repeated", { short: "t", aliases: ["tags"] }),
        "usc-tags": pairs("Tags put on every object created through the connector", { commas: true }),
        "item-custom-fields": pairs("Further facts about the connector, each by its name; no secrets"),
        "delete-protection": flag("Refuse to delete the connector"),
        "enable-purge": flag("Let `delete` purge as well; not for a vault with purge protection"),
      }),
    output: () => z.object({ universal_secrets_connector_id: z.int(), universal_secrets_connector_name: z.string() }),
    run: async (input) => {
      refuseMark(input["usc-tags"]);
      const path = itemPath(input.name, "connector");
      const target = await findTarget(store, input["target-to-associate"]);
      const vault = vaultAddress(
        await findCloud(store, target.value["azure-cloud"]),
        vaultGiven(input["azure-kv-name"], input["azure-kv-url"]),
      );
      const now = rfc3339(clock.now());
      const id = await store.nextId("items");
      await store.commit([
        store.collection(connectors).put(
          path,
          {
            id,
            name: path,
            "target-name": target.key,
            "vault-url": vault.url,
            "vault-name": vault.name,
            ...present({ description: input.description }),
            tags: input.tag ?? [],
            "usc-tags": input["usc-tags"] ?? {},
            "delete-protection": input["delete-protection"] ?? false,
            ...present({ "enable-purge": input["enable-purge"], "item-custom-fields": input["item-custom-fields"] }),
            "created-at": now,
            "modified-at": now,
          },
          0,
        ),
        others.vacant(path),
        // Whoever deletes this target at the same instant must lose.
        store.collection(targets).touch(target.key, target.revision),
      ]);
      return { universal_secrets_connector_id: id, universal_secrets_connector_name: path };
    },
  });

function vaultGiven(name: string | undefined, url: string | undefined): { name: string } | { url: string } {
  if (name !== undefined && url === undefined) return { name };
  if (url !== undefined && name === undefined) return { url };
  throw new UscError("usage", "Give either --azure-kv-name or --azure-kv-url.", {
    hint: "The vault's name is enough in Microsoft's clouds.",
  });
}
