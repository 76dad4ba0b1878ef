import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { flag, optionalText, text } from "../../kernel/fields.ts";
import { operation, type Operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";

/** They are there so that who types them learns what to do instead. */
export const unsupported: Operation[] = ["static-secret-sync", "static-secret-delete-sync"].map((name) =>
  operation({
    name,
    summary: "Not supported: usc keeps no static secrets of its own",
    example: `${name} --name /prod/password`,
    effect: "write",
    needs: [onItem("update", "name")],
    input: () =>
      z.object({
        name: text("Path of the static secret", { short: "n" }),
        "usc-name": optionalText("Connector"),
        "remote-secret-name": optionalText("Name of the secret there"),
        "filter-secret-value": optionalText("Member of the value"),
        "delete-remote": flag("Delete the secret there later"),
        "delete-from-usc": flag("Delete the secret there"),
      }),
    output: () => z.object({ "secret-name": z.string() }),
    run: async () => {
      throw new UscError("unsupported", "usc keeps no static secrets: what is static stands in a vault itself.", {
        hint: "From one vault to another: `usc copy-object --usc-name A --secret-id NAME --to-usc-name B --secret-name NAME`.",
      });
    },
  }),
);
