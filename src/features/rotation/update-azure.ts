import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { choice, description, flag, list, optionalGuid, optionalText, pairs, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { onItem, onMoved, refused } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { findRotated } from "./find.ts";
import { give, settled } from "./give.ts";
import { credentialFrom, withoutItself } from "./given.ts";
import { refuseProtectionKey, scheduleFields, scheduleFrom } from "./inputs.ts";
import { changeOf, said } from "./items.ts";
import { asCommand, engineOf } from "./manner.ts";
import { credentials, type RotatedSecret } from "./model.ts";
import { requireOwn } from "./own-fields.ts";
import { policyFields, policyOf } from "./password-policy.ts";
import { settle } from "./rotate.ts";
import { requireSameHolder } from "./same-holder.ts";
import { takeStep } from "./take-step.ts";

const input = () =>
  z.object({
    name: text("Path of the rotated secret", { short: "n" }),
    "new-name": optionalText("New path"),
    "api-id": optionalGuid("Key id of the client secret that is current from now on"),
    "api-key": optionalText("That client secret itself", { secret: true }),
    password: optionalText("The user's password, where somebody has changed it", { secret: true, aliases: ["rotated-password"] }),
    "keep-prev-version": flag("Keep the value that these replace as an older version (default: as --max-versions has it)"),
    "skip-dry-run": flag("Take a given credential without trying it: what usc had made goes all the same"),
    "authentication-credentials": choice(
      "Who rotates from now on: the target, or (with --api-id and --api-key) the credential itself",
      [...credentials, "use-self-creds"],
      { aliases: ["rotator-creds-type"] },
    ),
    "app-id": optionalGuid("Application that it is of: does not change", { aliases: ["application-id"] }),
    username: optionalText("User that it is of: does not change", { aliases: ["rotated-username"] }),
    "storage-account-key-name": choice("Key that it is: does not change", ["key1", "key2", "kerb1", "kerb2"]),
    "explicitly-set-sa": flag("The storage account is named here, and not by the target: does not change"),
    "resource-group-name": optionalText("Resource group of the storage account: does not change"),
    "resource-name": optionalText("Name of the storage account: does not change"),
    ...policyFields(),
    ...scheduleFields(),
    description: description("What it is for", { aliases: ["new-metadata"] }),
    "add-tag": list("Tag to add; may be repeated"),
    "rm-tag": list("Tag to remove; may be repeated"),
    "item-custom-fields": pairs("Further facts about the item, instead of all the present ones; no secrets"),
    key: optionalText("Name of a protection key: not supported"),
  });
type Input = z.output<ReturnType<typeof input>>;

export const updateAzure = (deps: Deps) =>
  operation({
    name: "rotated-secret update azure",
    route: "rotated-secret-update-azure",
    aliases: ["update-rotated-secret"],
    legacyRoutes: ["update-rotated-secret"],
    summary: "Changes a rotated secret's schedule, what is said of it, or by hand its value",
    example: "rotated-secret update azure --name /prod/app-key --auto-rotate --rotation-interval 30",
    notes:
      "A changed schedule tells anew of its next date. --auto-rotate false ends the schedule. Who changes the timing of grace, or ends it, starts again from one credential: what works beside the current one is removed. With --api-id and --api-key, or --password, the value is one that somebody else has made: it is tried, and is current at once; what usc had made before is removed from Azure, without days of grace, and what it had not made stays. The schedule counts from then. Without them the value stays: `usc rotate-secret` makes one.",
    effect: "write",
    needs: [onItem("update", "name"), ...onMoved("item", "name", "new-name")],
    input,
    output: () => z.object({ name: z.string() }),
    run: (given) => update(deps, given),
  });

async function update(deps: Deps, given: Input): Promise<{ name: string }> {
  const { store, clock } = deps;
  refuseProtectionKey(given);
  const found = await findRotated(store, given.name);
  requireOwn(found.value["rotator-type"], given);
  const credential = credentialFrom(given);
  const stored = credential === undefined ? found : await settled(deps, found);
  const path = given["new-name"] === undefined ? stored.key : itemPath(given["new-name"], "rotated secret");
  await requireSameHolder(store, stored.value, given);
  const { "add-tag": addTags, "rm-tag": removeTags, "item-custom-fields": customFields } = given;
  const change = { description: given.description, addTags, removeTags, customFields, modifiedAt: rfc3339(clock.now()) };
  const item = { ...stored, value: said(scheduled(deps, stored.value, given), change) };
  if (credential !== undefined) {
    const gift = { credential, keepsPrevious: given["keep-prev-version"] };
    const isWritten = await give(deps, item, gift, given["skip-dry-run"] === true ? "untried" : "tried");
    if (isWritten && path === stored.key) return { name: path };
    if (isWritten) return update(deps, { name: stored.key, "new-name": path });
  }
  await store.commit(changeOf(store, item, path, {}));
  if (item.value.spare !== undefined && item.value.grace?.timing !== stored.value.grace?.timing) await dropSpare(deps, path);
  return { name: path };
}

/** The record after what was given of how it is rotated. */
function scheduled(deps: Deps, item: RotatedSecret, given: Input): RotatedSecret {
  const policy = policyOf(item, given);
  // Grace may end.
  const { grace: _, ...others } = item;
  const schedule = scheduleFrom(given, item, item["rotator-type"]);
  return { ...others, ...schedule, ...present({ policy }), "authentication-credentials": authentication(deps, item, given), told: [] };
}

/** Who rotates from now on. Akeyless' clients say `use-user-creds` of themselves: without a credential it says nothing, unless it is all that is said. */
function authentication({ may }: Deps, item: RotatedSecret, given: Input): RotatedSecret["authentication-credentials"] {
  const { "authentication-credentials": asked, "api-id": keyId } = given;
  const { "authentication-credentials": now, "target-name": target } = item;
  if (asked === undefined || asked === now) return now;
  if (asked === "use-target-creds") {
    if (!may("read", "target", target)) throw refused("read", "target", target);
    return asked;
  }
  if (keyId !== undefined) return "use-user-creds";
  if (Object.keys(given).length === 2) throw withoutItself(item["rotator-type"], asked);
  return now;
}

/** Who changes the mode of grace starts again from one credential. */
async function dropSpare(deps: Deps, path: string): Promise<void> {
  const [engine, manner] = [engineOf(deps), asCommand(deps)];
  try {
    await settle(engine, manner, path);
    await takeStep(engine, manner, path);
  } catch (error) {
    if (!(error instanceof UscError)) throw error;
    throw new UscError(error.code, `${path} is changed. ${error.message}`, error.details);
  }
}
