import type { May } from "../../kernel/rights.ts";
import type { TargetUser } from "./port.ts";

/** What a sentence calls the item that uses a target: by name to who may list it. */
export const nameOfUser = (may: May, { name, noun }: TargetUser): string =>
  may("list", "item", name) ? `the ${noun} ${name}` : `a ${noun}`;
