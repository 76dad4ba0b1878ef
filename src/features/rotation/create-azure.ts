import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { choice, description, flag, list, optionalGuid, optionalText, pairs, text, word } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { onItem, onTarget } from "../../kernel/rights.ts";
import type { Change } from "../../kernel/store.ts";
import { connectors } from "../connectors/model.ts";
import { findTarget } from "../targets/find.ts";
import { targets } from "../targets/model.ts";
import { begin } from "./begin.ts";
import type { Deps } from "./deps.ts";
import { contentPut } from "./find.ts";
import { begunFrom } from "./given.ts";
import { refuseProtectionKey, scheduleFields, scheduleFrom, usual } from "./inputs.ts";
import { untouched } from "./journal.ts";
import { asCommand, engineOf } from "./manner.ts";
import { credentials, type RotatedSecret, rotatedSecrets, rotatorTypes } from "./model.ts";
import { policyFields } from "./password-policy.ts";
import { carryOut, settle } from "./rotate.ts";
import { firstShown, tryOut } from "./try-out.ts";

const input = () =>
  z.object({
    name: text("Path of the rotated secret", { short: "n" }),
    "target-name": text("Target that is rotated, or in whose cloud and tenant", { placeholder: "NAME" }),
    "rotator-type": word("What is rotated", rotatorTypes),
    "authentication-credentials": choice("Who rotates: the credential itself, or the target", [...credentials, "use-self-creds"]),
    "app-id": optionalGuid("Application whose client secret it is (default: the target's)", { aliases: ["application-id"] }),
    "api-id": optionalGuid("Key id of the present client secret; without it usc makes one"),
    "api-key": optionalText("The present client secret itself", { secret: true }),
    username: optionalText("User whose password it is: the user principal name", { aliases: ["rotated-username"] }),
    password: optionalText("The user's present password; without it usc sets one", { secret: true, aliases: ["rotated-password"] }),
    ...policyFields(),
    "storage-account-key-name": choice("Which of the storage account's keys", ["key1", "key2", "kerb1", "kerb2"]),
    "explicitly-set-sa": flag("The storage account is the one that is named here, and not the target's"),
    "resource-group-name": optionalText("Resource group of the storage account, with --explicitly-set-sa"),
    "resource-name": optionalText("Name of the storage account, with --explicitly-set-sa"),
    ...scheduleFields(),
    "skip-dry-run": flag("Store a given credential without trying it"),
    description: description("What it is for"),
    tag: list("Tag; may be repeated", { short: "t", aliases: ["tags"] }),
    "item-custom-fields": pairs("Further facts about the item, each by its name; no secrets"),
    key: optionalText("Name of a protection key: not supported"),
  });
type Input = z.output<ReturnType<typeof input>>;

export const createAzure = (deps: Deps) =>
  operation({
    name: "rotated-secret create azure",
    route: "rotated-secret-create-azure",
    aliases: ["create-rotated-secret"],
    legacyRoutes: ["create-rotated-secret"],
    summary: "Keeps a credential at Azure, and replaces it by schedule or when told to",
    example: "rotated-secret create azure --name /prod/app-key --target-name /prod/app --rotator-type api-key --app-id GUID",
    notes:
      "api-key: a client secret of an application. Without --api-id one is made now, beside what stands there, and goes with `usc rotated-secret delete`. target: the client secret that the target itself logs in with. Nothing of these two is removed before its successor has logged in. password: a user's; without --password one is set now. azure-storage-account: one of its keys; nothing is regenerated now. Of these two the old one ends when the new one is made.",
    effect: "write",
    needs: [
      onItem("create", "name"),
      onTarget("read", "target-name"),
      { ...onTarget("update", "target-name"), when: "rotator-type", is: ["target"] },
    ],
    input,
    output: () => z.object({ name: z.string() }),
    run: (given) => create(deps, given),
  });

async function create(deps: Deps, given: Input): Promise<{ name: string }> {
  const { store } = deps;
  const [engine, manner] = [engineOf(deps), asCommand(deps)];
  const path = itemPath(given.name, "rotated secret");
  refuseProtectionKey(given);
  const schedule = scheduleFrom(given, usual, given["rotator-type"]);
  await settle(engine, manner, path);
  const target = await findTarget(store, given["target-name"]);
  const now = rfc3339(deps.clock.now());
  const begun = begunFrom(given, target.value, now);
  const whose = { ...begun.whose, "target-name": target.key };
  const content = await firstShown(deps, whose, begun.content, now);
  const version = content.versions.length;
  const isTried = version > 0 && given["skip-dry-run"] !== true && whose["rotator-type"] !== "azure-storage-account";
  const untried = isTried ? await tryOut(deps, whose, content) : undefined;
  const id = await store.nextId("items");
  const item: RotatedSecret = {
    ...whose,
    ...schedule,
    ...present({ description: given.description, "item-custom-fields": given["item-custom-fields"] }),
    id,
    name: path,
    version,
    told: [],
    status: untried === undefined ? "ok" : "unverified",
    failures: 0,
    tags: given.tag ?? [],
    "created-at": now,
    "modified-at": now,
  };
  const changes: Change[] = [
    store.collection(rotatedSecrets).put(path, item, 0),
    contentPut(store, item, content, 0),
    // Items share their names, and whoever deletes the target at the same instant must lose.
    store.collection(connectors).vacant(path),
    store.collection(targets).touch(target.key, target.revision),
  ];
  if (version === 0) await carryOut(engine, await begin(engine, manner, { key: path, value: item }, changes));
  else await store.commit([...changes, untouched(engine, path)]);
  return { name: path };
}
