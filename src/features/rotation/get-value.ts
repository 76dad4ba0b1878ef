import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { count, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem, refused } from "../../kernel/rights.ts";
import { targets } from "../targets/model.ts";
import type { Deps } from "./deps.ts";
import { contentOf, findRotated } from "./find.ts";

export const getValue = ({ store, may }: Deps) =>
  operation({
    name: "rotated-secret get-value",
    aliases: ["get-rotated-secret-value"],
    legacyRoutes: ["get-rotated-secret-value"],
    summary: "Shows the current value of a rotated secret, or an earlier one",
    example: "rotated-secret get-value --name /prod/app-key | jq -r .password",
    notes:
      "Never rotates. `username` is the key id of the client secret, `password` the secret. Earlier values log in no more. What is of the target's own application wants the right to reveal the target.",
    printed: "value",
    effect: "read",
    needs: [onItem("read", "name")],
    input: () =>
      z.object({
        name: text("Path of the rotated secret", { short: "n", aliases: ["names"] }),
        version: count("Number of an earlier version (default: the current one)", [-1, 1_000_000_000]),
      }),
    output: () => {
      const maybe = z.optional(z.string());
      const target = z.object({ azure_tenant_id: maybe, azure_client_id: maybe, azure_client_secret: maybe, azure_cloud: maybe });
      const value = z.object({ username: maybe, password: maybe, application_id: maybe, target_value: z.optional(target) });
      return z.object({ value });
    },
    run: async ({ name, version = 0 }) => {
      const { key, value: item } = await findRotated(store, name);
      const { content } = await contentOf(store, item);
      const { application } = content;
      const target = (await store.collection(targets).get(item["target-name"]))?.value;
      const isTarget = item["rotator-type"] === "target";
      // Who logs in with it is the target.
      const isOfTarget = isTarget || application === target?.["client-id"]?.toLowerCase();
      if (isOfTarget && !may("reveal", "target", item["target-name"])) throw refused("reveal", "target", item["target-name"]);
      const found = content.versions.find((each) => (version > 0 ? each.version === version : each.version === item.version));
      if (found === undefined) throw absent(key, item.version, version);
      if (!isTarget) return { value: { username: found["key-id"], password: found.secret, application_id: application } };
      // Who gives the target another secret by hand has changed what it is.
      const secret = version > 0 ? found.secret : (target?.["client-secret"] ?? found.secret);
      const whose = { azure_tenant_id: target?.["tenant-id"], azure_client_id: application, azure_cloud: target?.["azure-cloud"] };
      return { value: { target_value: { ...whose, azure_client_secret: secret } } };
    },
  });

function absent(path: string, current: number, version: number): UscError {
  if (current === 0) {
    return new UscError("not_found", `${path} has no value yet: its first one was not made to the end.`, {
      hint: `usc rotate-secret --name ${path}`,
    });
  }
  return new UscError("not_found", `${path} has no version ${version}, or keeps it no more.`, {
    hint: `Version ${current} is the current one.`,
  });
}
