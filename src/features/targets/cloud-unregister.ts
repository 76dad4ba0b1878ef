import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { type May, onSystem } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import { builtInClouds } from "./clouds.ts";
import { clouds, targets } from "./model.ts";

export const cloudUnregister = ({ store, may }: { store: Store; may: May }) =>
  operation({
    name: "cloud unregister",
    summary: "Forgets a registered cloud",
    example: "cloud unregister --name lab",
    effect: "write",
    needs: [onSystem("delete", "/clouds")],
    input: () => z.object({ name: text("Name of the cloud", { short: "n" }) }),
    output: () => z.object({ name: z.string() }),
    run: async ({ name }) => {
      if (builtInClouds.some((cloud) => cloud.name === name)) throw new UscError("conflict", `${name} is built in and stays.`);
      const stored = await store.collection(clouds).get(name);
      if (!stored) throw new UscError("not_found", `There is no cloud named ${name}.`, { hint: "`usc cloud list` shows the known ones." });
      const users = (await store.collection(targets).list()).filter((target) => target.value["azure-cloud"] === name);
      const [user] = users;
      if (user) {
        const whose = may("list", "target", user.key) ? `the target ${user.key}` : "a target";
        throw new UscError("conflict", `The cloud ${name} is in use by ${whose}.`, { hint: "Delete its targets first." });
      }
      await store.commit([store.collection(clouds).remove(name, stored.revision)]);
      return { name };
    },
  });
