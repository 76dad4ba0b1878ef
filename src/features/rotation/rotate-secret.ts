import * as z from "zod/mini";
import { flag, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem, refused } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { contentOf, findRotated } from "./find.ts";
import { asCommand, engineOf } from "./manner.ts";
import { rotate } from "./rotate.ts";
import { tryOut } from "./try-out.ts";

export const rotateSecret = (deps: Deps) =>
  operation({
    name: "rotate-secret",
    aliases: ["gateway-rotate-secret"],
    legacyRoutes: ["gateway-rotate-secret"],
    summary: "Replaces the credential of a rotated secret now",
    example: "rotate-secret --name /prod/app-key",
    notes:
      "A new client secret stands beside the old one until it has logged in three times in a row; then it is current, and the old one is removed. With grace after the date the old one stays for those days; with grace before it, what was made ahead becomes current, or one is made now. A user's password or a storage account's key ends when the new one is made. A schedule counts from the new date. Finishes what was begun before and killed.",
    effect: "write",
    needs: [onItem("update", "name")],
    input: () =>
      z.object({
        name: text("Path of the rotated secret", { short: "n" }),
        "dry-run": flag("Only look whether it could be rotated: nothing changes"),
      }),
    output: () => z.object({ name: z.string() }),
    run: async ({ name, "dry-run": dryRun }) => {
      const { store, may } = deps;
      const { key, value: item } = await findRotated(store, name);
      if (item["rotator-type"] === "target" && !may("update", "target", item["target-name"])) {
        throw refused("update", "target", item["target-name"]);
      }
      if (dryRun === true) await tryOut(deps, item, (await contentOf(store, item)).content);
      else await rotate(engineOf(deps), asCommand(deps), key);
      return { name: key };
    },
  });
