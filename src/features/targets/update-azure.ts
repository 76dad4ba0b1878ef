import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { description, flag, optionalGuid, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { type May, onMoved, onTarget } from "../../kernel/rights.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { rewritten, type Store, type Stored } from "../../kernel/store.ts";
import { findCloud, originOf } from "./clouds.ts";
import { credentialFrom, type Given } from "./credential.ts";
import { credentialFields, credentialNeeds, refuseMachine } from "./credential-inputs.ts";
import { findTarget } from "./find.ts";
import { connectionTypeOf, type Target, targets } from "./model.ts";
import type { ReadClientCertificate, TargetUsers } from "./port.ts";
import { nameOfUser } from "./users.ts";

interface Deps {
  store: Store;
  clock: Clock;
  users: TargetUsers;
  may: May;
  readClientCertificate: ReadClientCertificate;
}

export const updateAzure = (deps: Deps) =>
  operation({
    name: "target update azure",
    route: "target-update-azure",
    legacyRoutes: ["update-azure-target"],
    summary: "Changes a stored Azure identity; what is left out stays",
    example: "target update azure --name /prod/app --client-secret-file new-secret.txt",
    notes:
      "Another tenant, client or cloud needs the client secret, certificate or token file again: what was given for one place is never sent to another.",
    effect: "write",
    needs: [onTarget("update"), ...onMoved("target", "name", "new-name"), ...credentialNeeds],
    input: () =>
      z.object({
        name: text("Path of the target", { short: "n" }),
        "new-name": optionalText("New path of the target"),
        ...credentialFields(),
        "azure-cloud": optionalText("Name of the cloud", { placeholder: "NAME" }),
        "subscription-id": optionalGuid("Subscription that the target works in"),
        "resource-group-name": optionalText("Resource group that the target works in"),
        "resource-name": optionalText("Resource that the target works on"),
        description: description("What the target is for", { aliases: ["comment"] }),
        "delete-protection": flag("Refuse to delete the target"),
      }),
    output: () => z.object({ target_id: z.int() }),
    run: async (input) => {
      const { store, users, may } = deps;
      const stored = await findTarget(store, input.name);
      const target = await changed(deps, stored.value, input);
      const path = input["new-name"] === undefined ? stored.key : itemPath(input["new-name"], "target");
      if (path !== stored.key) await requireUnused(users, may, stored);
      await store.commit(rewritten(store.collection(targets), stored, path, { ...target, name: path }));
      return { target_id: target.id };
    },
  });

type Change = Given & {
  [F in "azure-cloud" | "subscription-id" | "resource-group-name" | "resource-name" | "description"]?: string | undefined;
} & { "delete-protection"?: boolean | undefined };

async function changed({ store, clock, may, readClientCertificate }: Deps, target: Target, input: Change): Promise<Target> {
  const { "azure-cloud": cloudName = target["azure-cloud"] } = input;
  const cloud = await findCloud(store, cloudName);
  const { credential, pinned } = await credentialFrom(input, { target, cloud: input["azure-cloud"] }, readClientCertificate);
  refuseMachine(may, connectionTypeOf(credential), input);
  const { id, name, tags, "created-at": created, origin } = target;
  const given = {
    "subscription-id": input["subscription-id"] ?? target["subscription-id"],
    "resource-group-name": input["resource-group-name"] ?? target["resource-group-name"],
    "resource-name": input["resource-name"] ?? target["resource-name"],
    description: input.description ?? target.description,
  };
  return {
    // Nothing of a former type stays behind.
    ...credential,
    ...present(given),
    id,
    name,
    tags,
    "azure-cloud": cloud.name,
    origin: pinned ? originOf(cloud) : origin,
    "delete-protection": input["delete-protection"] ?? target["delete-protection"],
    "created-at": created,
    "modified-at": rfc3339(clock.now()),
  };
}

async function requireUnused(users: TargetUsers, may: May, stored: Stored<Target>): Promise<void> {
  const [user] = await users.of(stored.key);
  if (user !== undefined) {
    throw new UscError("conflict", `The target ${stored.key} is in use by ${nameOfUser(may, user)} and keeps its name.`, {
      hint: "Create a second target, or delete its items first.",
    });
  }
}
