import * as z from "zod/mini";
import { count, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { findRotated } from "./find.ts";
import { requireSight, rotatedValue, valueOf } from "./value.ts";

export const getValue = ({ store, may }: Deps) =>
  operation({
    name: "rotated-secret get-value",
    aliases: ["get-rotated-secret-value"],
    legacyRoutes: ["get-rotated-secret-value"],
    summary: "Shows the current value of a rotated secret, or an earlier one",
    example: "rotated-secret get-value --name /prod/app-key | jq -r .password",
    notes:
      "Never rotates. `username` is the key id of a client secret, the name of a user or of a storage account's key; `password` is its value. Earlier values log in no more, but for the one before while it is in its time of grace; what is made ahead of its date is not shown. What is of the target's own application wants the right to reveal the target.",
    printed: "value",
    effect: "read",
    needs: [onItem("read", "name")],
    input: () =>
      z.object({
        name: text("Path of the rotated secret", { short: "n", aliases: ["names"] }),
        version: count("Number of an earlier version (default: the current one)", [-1, 1_000_000_000]),
      }),
    output: () => z.object({ value: rotatedValue() }),
    run: async ({ name, version = 0 }) => {
      const { value: item } = await findRotated(store, name);
      await requireSight(store, may, item);
      return { value: await valueOf(store, item, version) };
    },
  });
