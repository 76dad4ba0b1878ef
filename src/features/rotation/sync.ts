import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { flag, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { present } from "../../kernel/present.ts";
import { onItem, refused } from "../../kernel/rights.ts";
import type { Stored } from "../../kernel/store.ts";
import { findConnector } from "../connectors/find.ts";
import { connectors } from "../connectors/model.ts";
import { type Associated, associationAt, associationsOf, forgotten, keyOf, type Place, placeName, written } from "./associations.ts";
import type { Deps } from "./deps.ts";
import { filtered } from "./filter.ts";
import { findRotated } from "./find.ts";
import { asCommand, engineOf } from "./manner.ts";
import { type RotatedSecret, rotatedSecrets } from "./model.ts";
import { noOther } from "./one-vault.ts";
import { attend, busy, carry, claim, holdMs, isHeld, note } from "./push.ts";
import { requireSight, valueOf } from "./value.ts";

const input = () =>
  z.object({
    name: text("Path of the rotated secret", { short: "n" }),
    "usc-name": optionalText("Connector whose vault keeps it too; without it, all that do are written again"),
    "remote-secret-name": optionalText("Name of the secret there (default: the path, with dashes: /prod/app-key is prod-app-key)"),
    "filter-secret-value": optionalText("Member of the value that is written, such as .password (default: all of it, as JSON)"),
    "delete-remote": flag("Delete the secret there when the association ends"),
  });
type Input = z.output<ReturnType<typeof input>>;

export const sync = (deps: Deps) =>
  operation({
    name: "rotated-secret sync",
    summary: "Keeps the value in a connector's vault as well, and writes it there after each rotation",
    example: "rotated-secret sync --name /prod/app-key --usc-name /prod/kv --filter-secret-value .password",
    notes:
      "The vault's secret is made, or gets a new version; one that is there already is written over. A vault that cannot be written keeps no rotation from its end: `usc describe-item` shows the last error, the event `secret-sync` tells of it, and the duty `rotation` tries again. Of an association that is there already, what is not given stays.",
    effect: "write",
    needs: [onItem("read", "name"), onItem("update", "name"), onItem("create"), onItem("update")],
    names: { item: ["name"], object: ["remote-secret-name"], to: ["usc-name"] },
    input,
    output: () => {
      const row = z.object({ "usc-name": z.string(), "remote-secret-name": z.string() });
      return z.object({ "secret-name": z.string(), synced: z.array(row) });
    },
    run: async (given) => {
      const stored = await findRotated(deps.store, given.name);
      await requireSight(deps.store, deps.may, stored.value);
      const places =
        given["usc-name"] === undefined ? await again(deps, stored, given) : [await one(deps, stored, given["usc-name"], given)];
      return { "secret-name": stored.key, synced: places.map(rowOf) };
    },
  });

const rowOf = ({ name, "usc-name": usc }: Place) => ({ "usc-name": usc, "remote-secret-name": name });

/** Makes an association, or says other things of it, and writes the value. What is refused at once leaves no association behind. */
async function one(deps: Deps, { key: path, value: item, revision }: Stored<RotatedSecret>, usc: string, given: Input): Promise<Place> {
  const { store } = deps;
  const engine = engineOf(deps);
  const connector = await findConnector(store, usc);
  const name = await (await deps.remote()).nameOf(connector.key, given["remote-secret-name"] ?? derived(path));
  const found = await associationAt(store, keyOf({ usc: connector.value.id, name }));
  if (found !== undefined && found.place.item !== item.id) {
    throw new UscError("conflict", `Another rotated secret is synced to ${name} of ${connector.key}.`, {
      hint: "Give another --remote-secret-name.",
    });
  }
  const others = found === undefined ? await noOther(store, connector, name) : [];
  if (found !== undefined && isHeld(found.value, deps.clock.now())) throw busy(found.place, found.value.until - deps.clock.now());
  const place: Place = {
    "delete-remote": false,
    ...found?.place,
    ...present({ filter: given["filter-secret-value"], "delete-remote": given["delete-remote"] }),
    item: item.id,
    "item-name": path,
    usc: connector.value.id,
    "usc-name": connector.key,
    name,
  };
  // What it cannot be is said before it is kept.
  filtered(await valueOf(store, item), place.filter);
  const fresh = { id: found?.value.id ?? (await store.nextId("associations")), item: item.id, failures: 0 };
  const value = { ...found?.value, ...fresh, pushed: 0, leaving: false, until: deps.clock.now() + holdMs };
  await store.commit([
    ...written(store, place, value, found?.revision ?? 0),
    // Whoever deletes one of the two at the same instant must lose.
    store.collection(rotatedSecrets).touch(path, revision),
    store.collection(connectors).touch(connector.key, connector.revision),
    ...others,
  ]);
  const claimed: Associated = { key: keyOf(place), place, value, revision: (found?.revision ?? 0) + 1 };
  const error = await carry(engine, (doing) => step(deps, path, doing), claimed);
  if (error === undefined) return place;
  const isRefused = found === undefined && error.code !== "unavailable";
  await (isRefused ? store.commit(forgotten(store, claimed.key, claimed.revision)) : note(engine, claimed, error));
  if (isRefused) throw error;
  throw new UscError(error.code, `The association is kept, but nothing is written yet. ${error.message}`, error.details);
}

const step = (deps: Deps, path: string, doing: string): Promise<void> =>
  asCommand(deps).at(doing, "The association is kept; its value may not be written yet.", `usc rotated-secret sync --name ${path}`);

/** A name that Key Vault takes. */
const derived = (path: string): string => path.slice(1).replaceAll(/[^0-9A-Za-z-]+/gu, "-");

/** All of an item's associations, also those that had failed. */
async function again(deps: Deps, { key: path, value: item }: Stored<RotatedSecret>, given: Input): Promise<Place[]> {
  const { store, may } = deps;
  const engine = engineOf(deps);
  const alone = (["remote-secret-name", "filter-secret-value", "delete-remote"] as const).find((field) => given[field] !== undefined);
  if (alone !== undefined) throw new UscError("usage", `--usc-name is missing: --${alone} is said of one connector.`);
  const all = await associationsOf(store, item);
  if (all.length === 0) {
    throw new UscError("not_found", `The rotated secret ${path} is synced to no vault.`, { hint: "Give --usc-name." });
  }
  for (const { place } of all) {
    for (const capability of ["create", "update"] as const) {
      if (!may(capability, "item", place["usc-name"])) throw refused(capability, "item", place["usc-name"]);
    }
  }
  const failed: { place: Place; error: UscError }[] = [];
  for (const { key, place } of all) {
    const claimed = await claim(engine, key);
    const error = claimed === undefined ? busy(place) : await attend(engine, (doing) => step(deps, path, doing), claimed);
    if (error !== undefined) failed.push({ place, error });
  }
  const places = all.map(({ place }) => place);
  const [first] = failed;
  if (first === undefined) return places;
  if (all.length === 1) throw first.error;
  const arrived = places.filter((place) => !failed.some((each) => each.place === place));
  throw new UscError(
    "partial",
    `${failed.length} of ${all.length} were not written: ${failed.map(({ place }) => placeName(place)).join(", ")}. ${first.error.message}`,
    { hint: first.error.details.hint, answer: { "secret-name": path, synced: arrived.map(rowOf) } },
  );
}
