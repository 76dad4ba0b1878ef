import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { flag, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import type { Rotation } from "./port.ts";

export const rotate = ({ keeper, steps }: Deps) =>
  operation({
    name: "key rotate",
    summary: "Seals all stored secrets anew under a new master key and a new data key",
    example: "key rotate",
    notes:
      "Others read and write meanwhile. The key file holds the new key afterwards, and nothing in the store is sealed or wrapped under the old one. Copies made before open with the key of that time alone: make a new one.",
    effect: "write",
    needs: [onSystem("update", "/state")],
    input: () =>
      z.object({
        "data-key-only": flag("Leave the master key as it is"),
        "new-master-key-file": optionalText(
          "Where USC_MASTER_KEY is set: file of mode 0600 with the key that comes after it, 32 bytes as base64 or hex. The data key stays",
          { placeholder: "PATH", local: true },
        ),
      }),
    output: () => z.object({ key_id: z.string(), resealed: z.int(), master_key: z.enum(["new", "given", "kept"]) }),
    run: async (input) => {
      const rotated = await keeper.rotateKey(rotationOf(input));
      if (rotated.master_key === "given")
        steps.warn(
          "Set USC_MASTER_KEY to the new key now. Whoever runs with the old one goes on with the data keys that he has opened, and has to be started again; then `usc key rotate --data-key-only`.",
        );
      return rotated;
    },
  });

function rotationOf(input: { "data-key-only"?: boolean | undefined; "new-master-key-file"?: string | undefined }): Rotation {
  const file = input["new-master-key-file"];
  if (file === undefined) return { of: input["data-key-only"] === true ? "data key" : "all" };
  if (input["data-key-only"] !== true) return { of: "master key", file };
  throw new UscError("usage", "--data-key-only and --new-master-key-file exclude each other.", {
    hint: "First the master key, then the data key.",
  });
}
