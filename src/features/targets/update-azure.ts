import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { flag, optionalGuid, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import type { Store } from "../../kernel/store.ts";
import { findCloud, originOf } from "./clouds.ts";
import { findTarget, wholeLine } from "./find.ts";
import { targets } from "./model.ts";
import type { TargetUsers } from "./port.ts";

const whereTheSecretGoes = ["tenant-id", "client-id", "azure-cloud"] as const;

export const updateAzure = ({ store, clock, users }: { store: Store; clock: Clock; users: TargetUsers }) =>
  operation({
    name: "target update azure",
    route: "target-update-azure",
    summary: "Changes a stored Azure identity; what is left out stays",
    example: "target update azure --name /prod/app --client-secret-file new-secret.txt",
    notes: "Another tenant, client or cloud needs the client secret again: a stored secret is never sent to a new place.",
    effect: "write",
    input: () =>
      z.object({
        name: text("Path of the target", { short: "n" }),
        "new-name": optionalText("New path of the target"),
        "tenant-id": optionalGuid("Directory (tenant) id"),
        "client-id": optionalGuid("Application (client) id"),
        "client-secret": optionalText("Client secret: its value, not its id", { secret: true }),
        "azure-cloud": optionalText("Name of the cloud", { placeholder: "NAME" }),
        "subscription-id": optionalGuid("Subscription that the target works in"),
        "resource-group-name": optionalText("Resource group that the target works in"),
        "resource-name": optionalText("Resource that the target works on"),
        description: optionalText("What the target is for", { aliases: ["comment"] }),
        "delete-protection": flag("Refuse to delete the target"),
      }),
    output: () => z.object({ target_id: z.int() }),
    run: async (input) => {
      const stored = await findTarget(store, input.name);
      const { name: _, "new-name": newName, description, "client-secret": secret, ...given } = input;
      const moved = whereTheSecretGoes.find((field) => given[field] !== undefined && given[field] !== stored.value[field]);
      if (moved !== undefined && secret === undefined) {
        throw new UscError("usage", `--${moved} changes where the client secret is sent, so --client-secret is needed again.`, {
          hint: "Give --client-secret-file PATH in the same call.",
        });
      }
      const cloud = await findCloud(store, given["azure-cloud"] ?? stored.value["azure-cloud"]);
      const target = {
        ...stored.value,
        ...present(given),
        // What the Akeyless SDK sends for "unchanged".
        ...(description === undefined || description === "default_metadata" ? {} : { description }),
        ...(secret === undefined ? {} : { "client-secret": wholeLine(secret), origin: originOf(cloud) }),
        "modified-at": rfc3339(clock.now()),
      };
      const path = newName === undefined ? stored.key : itemPath(newName, "target");
      const collection = store.collection(targets);
      if (path === stored.key) {
        await store.commit([collection.put(path, target, stored.revision)]);
        return { target_id: target.id };
      }
      const [user] = await users.of(stored.key);
      if (user !== undefined) {
        throw new UscError("conflict", `The target ${stored.key} is in use by ${user.name} and keeps its name.`, {
          hint: "Create a second target, or delete its connectors first.",
        });
      }
      await store.commit([collection.remove(stored.key, stored.revision), collection.put(path, { ...target, name: path }, 0)]);
      return { target_id: target.id };
    },
  });
