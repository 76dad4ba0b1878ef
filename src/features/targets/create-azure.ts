import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { flag, list, optionalGuid, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onTarget } from "../../kernel/rights.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import type { Store } from "../../kernel/store.ts";
import { findCloud, originOf } from "./clouds.ts";
import { credentialFrom } from "./credential.ts";
import { askedSecret, credentialFields, credentialNeeds } from "./credential-inputs.ts";
import { clouds, targets } from "./model.ts";
import type { ReadClientCertificate } from "./port.ts";

interface Deps {
  store: Store;
  clock: Clock;
  readClientCertificate: ReadClientCertificate;
}

export const createAzure = ({ store, clock, readClientCertificate }: Deps) =>
  operation({
    name: "target create azure",
    route: "target-create-azure",
    legacyRoutes: ["create-azure-target"],
    summary: "Stores an Azure identity",
    example: "target create azure --name /prod/app --tenant-id GUID --client-id GUID --client-secret-file secret.txt",
    notes:
      "Sends no request: a wrong identity shows at its first use, and `usc target test` is one. Which fields belong to which --connection-type: docs/guide/identities.md.",
    effect: "write",
    needs: [onTarget("create"), ...credentialNeeds],
    input: () =>
      z.object({
        name: text("Path of the target", { short: "n" }),
        ...credentialFields(),
        "client-secret": askedSecret(),
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
      const { credential } = await credentialFrom(input, undefined, readClientCertificate);
      const now = rfc3339(clock.now());
      const id = await store.nextId("targets");
      const registered = await store.collection(clouds).get(cloud.name);
      const place = {
        "subscription-id": input["subscription-id"],
        "resource-group-name": input["resource-group-name"],
        "resource-name": input["resource-name"],
        description: input.description,
      };
      await store.commit([
        store.collection(targets).put(
          name,
          {
            ...credential,
            ...present(place),
            id,
            name,
            "azure-cloud": cloud.name,
            origin: originOf(cloud),
            tags: input.tag ?? [],
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
