import * as z from "zod/mini";
import { operation, type Operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { KeyKeeper } from "./port.ts";

const rotate = ({ keys }: { keys: KeyKeeper }) =>
  operation({
    name: "key rotate",
    summary: "Seals all stored secrets anew under a new data key",
    example: "key rotate",
    notes: "The master key stays; nothing on the disk is sealed under the old data key afterwards.",
    effect: "write",
    needs: [onSystem("update", "/state")],
    input: () => z.object({}),
    output: () => z.object({ key_id: z.string(), resealed: z.int() }),
    run: () => keys.rotateKey(),
  });

export const operations = (deps: { keys: KeyKeeper }): Operation[] => [rotate(deps)];
