import { UscError } from "../../kernel/errors.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type Profile, profileName, profiles, usualProfile } from "./model.ts";

export async function findProfile(store: Store, given: string): Promise<Stored<Profile>> {
  const name = profileName(given);
  const stored = await store.collection(profiles).get(name);
  if (stored === undefined)
    throw new UscError("not_found", `There is no profile ${name}.`, {
      hint: "`usc profile list` shows what there is, `usc configure` makes one.",
    });
  return stored;
}

/**
 * The profile whose key is shown at an address: the named one, else the usual one if it is for this gateway. A key goes to the gateway that it was
 * configured for, and nowhere else.
 */
export async function profileAt(store: Store, name: string | undefined, url: string): Promise<Stored<Profile>> {
  if (name === undefined) {
    const usual = await store.collection(profiles).get(usualProfile);
    if (usual?.value["gateway-url"] === url) return usual;
    throw new UscError("gateway_unauthenticated", `The gateway ${url} wants a token, and there is none.`, {
      hint: "`usc configure` keeps an access key as a profile; --token-file or USC_TOKEN give a token.",
    });
  }
  const named = await findProfile(store, name);
  if (named.value["gateway-url"] === url) return named;
  throw new UscError("usage", `The profile ${named.key} is for another gateway, and its key goes nowhere else.`, {
    hint: "Give --profile without --gateway-url, or a token of this gateway.",
  });
}
