import { UscError } from "../../kernel/errors.ts";
import type { Store } from "../../kernel/store.ts";
import { findTarget } from "../targets/find.ts";
import { contentOf } from "./find.ts";
import type { RotatedSecret } from "./model.ts";
import { type GivenPlace, storagePlace } from "./storage-place.ts";

interface GivenHolder extends GivenPlace {
  "app-id"?: string | undefined;
  username?: string | undefined;
  "storage-account-key-name"?: string | undefined;
}

/** Whose credential an item has is said once. Clients that say all they know at every update say the same again. */
export async function requireSameHolder(store: Store, item: RotatedSecret, given: GivenHolder): Promise<void> {
  const { "app-id": app, username, "storage-account-key-name": key } = given;
  const isPlaced = given["explicitly-set-sa"] === true || (given["resource-group-name"] ?? given["resource-name"]) !== undefined;
  const place = isPlaced ? storagePlace(given, (await findTarget(store, item["target-name"])).value) : undefined;
  if ((app ?? username ?? key ?? place) === undefined) return;
  const { holder, key: which } = (await contentOf(store, item)).content;
  const said = [
    ["app-id", app, holder],
    ["username", username, holder],
    ["storage-account-key-name", key, which],
    ["resource-name", place, holder],
  ] as const;
  const other = said.find(([, asked, is]) => asked !== undefined && asked.toLowerCase() !== is?.toLowerCase());
  if (other === undefined) return;
  throw new UscError("usage", `${item.name} has another --${other[0]}, and that does not change.`, {
    hint: "Create a rotated secret of its own for that one: usc rotated-secret create azure",
  });
}
