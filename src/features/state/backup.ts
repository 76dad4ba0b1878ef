import * as z from "zod/mini";
import { text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";

export const backup = ({ keeper, steps }: Deps) =>
  operation({
    name: "state backup",
    summary: "Writes the whole state to a new file, sealed as it is",
    example: "state backup --out-file usc-backup.db",
    notes:
      "All of one instant, while others read and write; mode 0600. The master key is not in it: keep it elsewhere, since nobody opens the copy without it. The copy is looked through before it bears its name.",
    effect: "read",
    input: () => z.object({ "out-file": text("New file for the copy", { placeholder: "PATH", local: true }) }),
    output: () => z.object({ bytes: z.int(), records: z.int(), audit_rows: z.int(), audit_head: z.string() }),
    run: async (input) => {
      const { audit_whole: isWhole, ...copy } = await keeper.backup(input["out-file"]);
      if (!isWhole)
        steps.warn(
          "warning: The audit in this copy is not as usc wrote it; `usc audit verify` names every row, and `usc state restore` will not take it.",
        );
      return copy;
    },
  });
