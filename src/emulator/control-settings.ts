import { readDirectorySettings } from "./control-directory-settings.ts";
import { BadControl, longestMs, readerOf, type Reader, type Run } from "./control-input.ts";
import type { Settings } from "./settings.ts";
import type { VaultState } from "./vault-state.ts";
import type { World } from "./world.ts";

/**
 * `PUT /settings` changes what it names and leaves the rest:
 * `{"delays":{"delete","recover","purge","issue","role"}, "emptyPages", "perTenSeconds", "retryAfter", "arm":{"perTenSeconds",
 * "retryAfter"}, "round_trip_ms", "purgeProtection", "access", "network"}` and what `readDirectorySettings` reads. Times are
 * milliseconds, but `retryAfter` seconds; 0 takes a limit away. `perTenSeconds` is how much a vault takes, `arm` what one caller of ARM
 * may ask. The last three are properties of vaults: one word for all of them, or `{"demo": word}`. `purgeProtection` is true or false,
 * `access` "rbac" or "policies" (see `PUT /access-policies`), `network` "public", "firewall" or "private".
 */
export const changeSettings: Run = ({ world }, { body }) => {
  const { settings } = world;
  const delays = body.inner("delays");
  const changed = {
    delete: delays?.whole("delete", { max: longestMs }) ?? settings.delays.delete,
    recover: delays?.whole("recover", { max: longestMs }) ?? settings.delays.recover,
    purge: delays?.whole("purge", { max: longestMs }) ?? settings.delays.purge,
    issue: delays?.whole("issue", { max: longestMs }) ?? settings.delays.issue,
    role: delays?.whole("role", { max: longestMs }) ?? settings.delays.role,
  };
  delays?.end();
  const emptyPages = body.whole("emptyPages", { max: 1_000 }) ?? settings.emptyPages;
  const perTenSeconds = body.whole("perTenSeconds", { max: 1e6 }) ?? settings.perTenSeconds;
  const retryAfter = body.whole("retryAfter", { max: 86_400 }) ?? settings.retryAfter;
  const arm = readArm(body.inner("arm"), settings.arm);
  const roundTripMs = body.whole("round_trip_ms", { max: longestMs }) ?? settings.roundTripMs;
  const ofDirectory = readDirectorySettings(settings, body);
  const properties = [
    ...perVault(world, "purgeProtection", body.raw("purgeProtection"), [true, false]),
    ...perVault(world, "access", body.raw("access"), ["rbac", "policies"]),
    ...perVault(world, "network", body.raw("network"), ["public", "firewall", "private"]),
  ];
  body.end();
  Object.assign(settings, {
    delays: changed,
    emptyPages,
    perTenSeconds: perTenSeconds || undefined,
    retryAfter: retryAfter || undefined,
    arm,
    roundTripMs,
    ...ofDirectory,
  });
  for (const { vault, change } of properties) Object.assign(vault.properties, change);
  return undefined;
};

function readArm(given: Reader | undefined, now: Settings["arm"]): Settings["arm"] {
  const perTenSeconds = given?.whole("perTenSeconds", { max: 1e6 }) ?? now.perTenSeconds;
  const retryAfter = given?.whole("retryAfter", { max: 86_400 }) ?? now.retryAfter;
  given?.end();
  return { perTenSeconds: perTenSeconds || undefined, retryAfter };
}

function perVault(
  world: World,
  key: string,
  given: unknown,
  words: readonly (string | boolean)[],
): { vault: VaultState; change: Record<string, string | boolean> }[] {
  if (given === undefined) return [];
  const changeTo = (word: unknown): Record<string, string | boolean> => {
    const known = words.find((candidate) => candidate === word);
    if (known === undefined) throw new BadControl(`"${key}" must be one of ${words.map((each) => JSON.stringify(each)).join(", ")}.`);
    return { [key]: known };
  };
  const vaults = [...world.vaults.values()];
  if (typeof given !== "object") return vaults.map((vault) => ({ vault, change: changeTo(given) }));
  const named = readerOf(given, `"${key}"`);
  const chosen = vaults.flatMap((vault) => {
    const word = named.raw(vault.name);
    return word === undefined ? [] : [{ vault, change: changeTo(word) }];
  });
  named.end();
  return chosen;
}
