import type { May } from "../../kernel/rights.ts";

/** What a sentence calls the connector that uses a target: by name to who may list it. */
export const nameOfUser = (may: May, { name }: { name: string }): string =>
  may("list", "item", name) ? `the connector ${name}` : "a connector";
