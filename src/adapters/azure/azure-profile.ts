import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { parseJson } from "./answers.ts";
import type { Environment } from "../network/proxy.ts";

const Profile = z.object({ subscriptions: z.array(z.object({})) });

/** Who is logged in to az, as a digest: after `az login` as somebody else a token of before is not used any more. */
export const profileDigest = (environment: Environment): string =>
  createHash("sha256")
    .update(profileText(environment) ?? "")
    .digest("base64url");

/** Whether az knows of nobody. Its exit says no more than that something failed, and its words are for people. */
export function isLoggedOut(environment: Environment): boolean {
  const profile = parseJson(Profile, (profileText(environment) ?? "{}").replace(/^\ufeff/, ""));
  return profile === undefined || profile.subscriptions.length === 0;
}

/** `azureProfile.json`: names and ids, and no secret. Undefined if there is none, or none that can be read. */
function profileText(environment: Environment): string | undefined {
  const home = environment["HOME"] || environment["USERPROFILE"];
  const folder = environment["AZURE_CONFIG_DIR"] || (home && join(home, ".azure"));
  if (!folder) return undefined;
  try {
    return readFileSync(join(folder, "azureProfile.json"), "utf8");
  } catch {
    return undefined;
  }
}
