import { optionalText } from "../../kernel/fields.ts";

/** Of every list of this room. */
export const paging = () => ({
  filter: optionalText("Part of the name, whatever its case"),
  "pagination-token": optionalText("Goes on from `next_page`"),
});
