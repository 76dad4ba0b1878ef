import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { once } from "../../kernel/once.ts";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   profile  a gateway, and who this machine's user is there: an access id with its key. `--profile` names one
 *   login    the token that a gateway gave for a profile, kept until it ends
 */
const Profile = once(() =>
  z.object({
    "gateway-url": z.string(),
    "access-id": z.string(),
    "access-key": z.string(),
    /** The user said that it may be reached without TLS. */
    "insecure-gateway": z.optional(z.boolean()),
  }),
);
export type Profile = z.infer<ReturnType<typeof Profile>>;

/** Keyed by name. */
export const profiles: RecordKind<Profile> = { name: "profiles", noun: "profile", schema: Profile, sealed: ["access-key"] };

const Login = once(() =>
  z.object({
    token: z.string(),
    /** Epoch milliseconds. */
    expires: z.number(),
    /** Whose it is: a profile that was made anew meanwhile is another caller's. */
    "gateway-url": z.string(),
    "access-id": z.string(),
  }),
);
export type Login = z.infer<ReturnType<typeof Login>>;

/** Keyed by the profile's name. */
export const logins: RecordKind<Login> = { name: "logins", noun: "login", schema: Login, sealed: ["token"] };

export const usualProfile = "default";

export function profileName(given: string): string {
  if (/^[\w.-]{1,64}$/u.test(given)) return given;
  throw new UscError("usage", "That is no profile name.", { hint: "Letters, digits, dots, dashes and underscores, at most 64." });
}
