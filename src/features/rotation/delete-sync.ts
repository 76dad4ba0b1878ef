import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { flag, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem, refused } from "../../kernel/rights.ts";
import { findConnector } from "../connectors/find.ts";
import { type Associated, associations, associationsOf, forgotten } from "./associations.ts";
import type { Deps } from "./deps.ts";
import { findRotated } from "./find.ts";
import { asCommand, engineOf } from "./manner.ts";
import { busy, carry, holdMs, isHeld, note } from "./push.ts";

export const deleteSync = (deps: Deps) =>
  operation({
    name: "rotated-secret delete-sync",
    summary: "Ends the association with a connector's vault; the secret there stays, unless it is to go",
    example: "rotated-secret delete-sync --name /prod/app-key --usc-name /prod/kv",
    notes:
      "The secret there is deleted with --delete-from-usc, or if the association was made with --delete-remote: softly, as by `usc delete`.",
    effect: "write",
    needs: [onItem("update", "name"), { ...onItem("delete"), when: "delete-from-usc" }],
    names: { item: ["name"], object: ["remote-secret-name"], to: ["usc-name"] },
    input: () =>
      z.object({
        name: text("Path of the rotated secret", { short: "n" }),
        "usc-name": text("Connector whose vault keeps it"),
        "remote-secret-name": optionalText("Name of the secret there, where there are several"),
        "delete-from-usc": flag("Delete the secret there"),
      }),
    output: () => z.object({ "secret-name": z.string(), "usc-name": z.string(), "remote-secret-name": z.string() }),
    run: async (given) => {
      const { store, may } = deps;
      const { key: path, value: item } = await findRotated(store, given.name);
      const { key: usc, value: connector } = await findConnector(store, given["usc-name"]);
      const there = (await associationsOf(store, item)).filter(({ place }) => place.usc === connector.id);
      const found = chosen(there, path, usc, given["remote-secret-name"]);
      const isRemoved = given["delete-from-usc"] === true || found.place["delete-remote"];
      if (isRemoved && !may("delete", "item", usc)) throw refused("delete", "item", usc);
      if (isRemoved) await removed(deps, path, found);
      else await store.commit(forgotten(store, found.key, found.revision));
      return { "secret-name": path, "usc-name": usc, "remote-secret-name": found.place.name };
    },
  });

function chosen(there: readonly Associated[], path: string, usc: string, name: string | undefined): Associated {
  const [only, ...more] = there.filter(({ place }) => name === undefined || place.name.toLowerCase() === name.toLowerCase());
  if (only === undefined) {
    throw new UscError("not_found", `The rotated secret ${path} is not synced to ${name === undefined ? "" : `${name} of `}${usc}.`, {
      hint: `usc describe-item --name ${path}`,
    });
  }
  if (more.length === 0) return only;
  throw new UscError("usage", `--remote-secret-name is missing: ${path} is synced to several secrets of ${usc}.`, {
    hint: `They are ${there.map(({ place }) => place.name).join(", ")}.`,
  });
}

/** From here on the duty goes on with it, whatever becomes of us; unless Key Vault says no: then all is as it was. */
async function removed(deps: Deps, path: string, found: Associated): Promise<void> {
  const { store, clock } = deps;
  const engine = engineOf(deps);
  if (isHeld(found.value, clock.now())) throw busy(found.place, found.value.until - clock.now());
  const value = { ...found.value, leaving: true, until: clock.now() + holdMs };
  await store.commit([store.collection(associations).put(found.key, value, found.revision)]);
  const claimed = { ...found, value, revision: found.revision + 1 };
  const resume = `usc rotated-secret delete-sync --name ${path} --usc-name ${found.place["usc-name"]} --remote-secret-name ${found.place.name}`;
  const error = await carry(engine, (doing) => asCommand(deps).at(doing, "The association ends later.", resume), claimed);
  if (error === undefined) return;
  if (error.code === "unavailable") await note(engine, claimed, error);
  else await store.commit([store.collection(associations).put(found.key, { ...found.value, until: 0 }, claimed.revision)]);
  throw error;
}
