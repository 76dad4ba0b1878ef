import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import { parseJson } from "./answers.ts";

const Claims = once(() =>
  z.object({
    oid: z.optional(z.guid()),
    tid: z.optional(z.guid()),
    appid: z.optional(z.guid()),
    idtyp: z.optional(z.string()),
    aud: z.optional(z.string().check(z.regex(/^[\w.:/-]{1,200}$/))),
  }),
);

/** Read, and not verified: they only tell, and open nothing. A token that cannot be read is still one. */
export function claimsOf(token: string): z.infer<ReturnType<typeof Claims>> {
  return parseJson(Claims(), Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) ?? {};
}
