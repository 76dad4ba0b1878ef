import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { flag, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { type May, onTarget } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import { findTarget } from "./find.ts";
import { targets } from "./model.ts";
import { nameOfUser } from "./users.ts";
import type { TargetUsers } from "./port.ts";

export const remove = ({ store, users, may }: { store: Store; users: TargetUsers; may: May }) =>
  operation({
    name: "target delete",
    legacyRoutes: ["delete-target"],
    summary: "Forgets a target; Azure keeps the identity",
    example: "target delete --name /prod/app",
    effect: "write",
    needs: [onTarget("delete")],
    input: () =>
      z.object({
        name: text("Path of the target", { short: "n" }),
        "force-deletion": flag("Delete it although items use it; they stop working"),
      }),
    output: () => z.object({ target_name: z.string() }),
    run: async ({ name, "force-deletion": force }) => {
      const stored = await findTarget(store, name);
      if (stored.value["delete-protection"]) {
        throw new UscError("conflict", `The target ${stored.key} is protected against deletion.`, {
          hint: `usc target update azure --name ${stored.key} --delete-protection false`,
        });
      }
      const [user] = await users.of(stored.key);
      if (user !== undefined && force !== true) {
        throw new UscError("conflict", `The target ${stored.key} is in use by ${nameOfUser(may, user)}.`, {
          hint: "Delete its items first, or give --force-deletion and leave them without an identity.",
        });
      }
      await store.commit([store.collection(targets).remove(stored.key, stored.revision)]);
      return { target_name: stored.key };
    },
  });
