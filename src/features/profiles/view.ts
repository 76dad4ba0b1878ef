import * as z from "zod/mini";
import type { Profile } from "./model.ts";

/** What is shown of a profile: no key. */
export const view = () => z.object({ profile: z.string(), gateway_url: z.string(), access_id: z.string() });

export const viewOf = (name: string, profile: Profile) => ({
  profile: name,
  gateway_url: profile["gateway-url"],
  access_id: profile["access-id"],
});
