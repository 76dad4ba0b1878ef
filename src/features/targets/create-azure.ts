import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { flag, guid, list, optionalGuid, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import type { Store } from "../../kernel/store.ts";
import { findCloud, originOf } from "./clouds.ts";
import { wholeLine } from "./find.ts";
import { clouds, targets } from "./model.ts";

export const createAzure = ({ store, clock }: { store: Store; clock: Clock }) =>
  operation({
    name: "target create azure",
    route: "target-create-azure",
    summary: "Stores an Azure identity",
    example: "target create azure --name /prod/app --tenant-id GUID --client-id GUID --client-secret-file secret.txt",
    notes: "Sends no request: a wrong identity shows at its first use.",
    effect: "write",
    input: () =>
      z.object({
        name: text("Path of the target", { short: "n" }),
        "tenant-id": guid("Directory (tenant) id"),
        "client-id": guid("Application (client) id"),
        "client-secret": text("Client secret: its value, not its id", { secret: true }),
        "azure-cloud": optionalText("Name of the cloud (default: AzureCloud)", { placeholder: "NAME" }),
        "subscription-id": optionalGuid("Subscription that the target works in"),
        "resource-group-name": optionalText("Resource group that the target works in"),
        "resource-name": optionalText("Resource that the target works on"),
        description: optionalText("What the target is for", { aliases: ["comment"] }),
        tag: list("Tag of the target; may be repeated", { short: "t", aliases: ["tags"] }),
        "delete-protection": flag("Refuse to delete the target"),
      }),
    output: () => z.object({ target_id: z.int() }),
    run: async (input) => {
      const name = itemPath(input.name, "target");
      const cloud = await findCloud(store, input["azure-cloud"] ?? "AzureCloud");
      const now = rfc3339(clock.now());
      const id = await store.nextId("targets");
      const { name: _, tag, "tenant-id": tenant, "client-id": client, "client-secret": secret, ...optional } = input;
      const registered = await store.collection(clouds).get(cloud.name);
      await store.commit([
        store.collection(targets).put(
          name,
          {
            "tenant-id": tenant,
            "client-id": client,
            ...present(optional),
            id,
            name,
            "client-secret": wholeLine(secret),
            "azure-cloud": cloud.name,
            origin: originOf(cloud),
            tags: tag ?? [],
            "delete-protection": input["delete-protection"] ?? false,
            "created-at": now,
            "modified-at": now,
          },
          0,
        ),
        // Whoever unregisters this cloud at the same instant must lose.
        ...(registered ? [store.collection(clouds).touch(cloud.name, registered.revision)] : []),
      ]);
      return { target_id: id };
    },
  });
