import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { description, list, optionalText, pairs, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { onItem, onMoved } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { findRotated } from "./find.ts";
import { scheduleFields, scheduleFrom } from "./inputs.ts";
import { changeOf } from "./items.ts";
import { asCommand, engineOf } from "./manner.ts";
import type { RotatedSecret } from "./model.ts";
import { requireOwn } from "./own-fields.ts";
import { policyFields, policyOf } from "./password-policy.ts";
import { settle } from "./rotate.ts";
import { takeStep } from "./take-step.ts";

export const updateAzure = (deps: Deps) =>
  operation({
    name: "rotated-secret update azure",
    route: "rotated-secret-update-azure",
    aliases: ["update-rotated-secret"],
    legacyRoutes: ["update-rotated-secret"],
    summary: "Changes a rotated secret's schedule and what is said of it; its value stays",
    example: "rotated-secret update azure --name /prod/app-key --auto-rotate --rotation-interval 30",
    notes:
      "A changed schedule tells anew of its next date. --auto-rotate false ends the schedule. Who changes the timing of grace, or ends it, starts again from one credential: what works beside the current one is removed.",
    effect: "write",
    needs: [onItem("update", "name"), ...onMoved("item", "name", "new-name")],
    input: () =>
      z.object({
        name: text("Path of the rotated secret", { short: "n" }),
        "new-name": optionalText("New path"),
        ...policyFields(),
        ...scheduleFields(),
        description: description("What it is for"),
        "add-tag": list("Tag to add; may be repeated"),
        "rm-tag": list("Tag to remove; may be repeated"),
        "item-custom-fields": pairs("Further facts about the item, instead of all the present ones; no secrets"),
      }),
    output: () => z.object({ name: z.string() }),
    run: async (input) => {
      const { store, clock } = deps;
      const stored = await findRotated(store, input.name);
      const path = input["new-name"] === undefined ? stored.key : itemPath(input["new-name"], "rotated secret");
      const { "add-tag": add, "rm-tag": drop, "item-custom-fields": customFields } = input;
      requireOwn(stored.value["rotator-type"], input);
      const policy = policyOf(stored.value, input);
      // Grace may end.
      const { grace, ...others } = stored.value;
      const item: RotatedSecret = {
        ...others,
        ...scheduleFrom(input, stored.value, others["rotator-type"]),
        ...present({ policy }),
        told: [],
        "modified-at": rfc3339(clock.now()),
      };
      const change = { description: input.description, addTags: add, removeTags: drop, customFields };
      await store.commit(changeOf(store, { ...stored, value: item }, path, change));
      if (item.spare !== undefined && item.grace?.timing !== grace?.timing) await dropSpare(deps, path);
      return { name: path };
    },
  });

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
