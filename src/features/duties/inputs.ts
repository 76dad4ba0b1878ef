import { optionalText } from "../../kernel/fields.ts";

/** What a caller may set of the duties. */
export const settingFields = () => ({
  "audit-retention": optionalText("How long rows of the audit stay, or `forever` (default: USC_AUDIT_RETENTION, else 365d)", {
    placeholder: "DURATION",
  }),
  "notify-before": optionalText("How long before it expires an object is told of (default: USC_NOTIFY_BEFORE, else 30d)", {
    placeholder: "DURATION",
  }),
});
