import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { description, list, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { onItem, onMoved } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { findRotated } from "./find.ts";
import { scheduleFields, scheduleFrom } from "./inputs.ts";
import { changeOf } from "./items.ts";
import { policyFields, policyOf } from "./password-policy.ts";

export const updateAzure = (deps: Deps) =>
  operation({
    name: "rotated-secret update azure",
    route: "rotated-secret-update-azure",
    aliases: ["update-rotated-secret"],
    legacyRoutes: ["update-rotated-secret"],
    summary: "Changes a rotated secret's schedule and what is said of it; its value stays",
    example: "rotated-secret update azure --name /prod/app-key --auto-rotate --rotation-interval 30",
    notes: "A changed schedule tells anew of its next date. --auto-rotate false ends the schedule.",
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
      }),
    output: () => z.object({ name: z.string() }),
    run: async (input) => {
      const { store, clock } = deps;
      const stored = await findRotated(store, input.name);
      const path = input["new-name"] === undefined ? stored.key : itemPath(input["new-name"], "rotated secret");
      const { "add-tag": add, "rm-tag": drop } = input;
      const policy = policyOf(stored.value, input);
      const item = {
        ...stored.value,
        ...scheduleFrom(input, stored.value),
        ...present({ policy }),
        told: [],
        "modified-at": rfc3339(clock.now()),
      };
      const change = { description: input.description, addTags: add, removeTags: drop, deleteProtection: undefined };
      await store.commit(changeOf(store, { ...stored, value: item }, path, change));
      return { name: path };
    },
  });
