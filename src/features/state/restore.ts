import * as z from "zod/mini";
import { flag, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { present } from "../../kernel/present.ts";
import type { Deps } from "./deps.ts";

export const restore = ({ keeper, steps, sessions }: Deps) =>
  operation({
    name: "state restore",
    summary: "Puts a backup in the place of the state",
    example: "state restore --from usc-backup.db",
    notes:
      "All or nothing, while others read and write. What was restored is sealed under this machine's own keys. The audit does not go back: where it has gone on since the copy was made, it stays. What was taken away since then (a caller, a role) is there again; tokens are not.",
    effect: "write",
    input: () =>
      z.object({
        from: text("Copy that `usc state backup` made", { placeholder: "PATH", local: true }),
        force: flag("Replace a state that holds something; it is kept in a file beside"),
        "master-key-file": optionalText("Key file of the time when the copy was made (default: the present master key)", {
          placeholder: "PATH",
          local: true,
        }),
      }),
    output: () =>
      z.object({
        records: z.int(),
        audit: z.enum(["continued", "restored"]),
        audit_head: z.string(),
        replaced_file: z.optional(z.string()),
      }),
    run: async (input) => {
      const { damaged, ...restored } = await keeper.restore(input.from, {
        force: input.force === true,
        without: sessions,
        ...present({ masterKeyFile: input["master-key-file"] }),
      });
      if (damaged > 0)
        steps.warn(`warning: ${damaged} of the records could not be opened in the copy either; each says so when it is used.`);
      return restored;
    },
  });
