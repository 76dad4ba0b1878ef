import * as z from "zod/mini";
import { text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { findProfile } from "./find.ts";
import { logins, profiles } from "./model.ts";

export const remove = ({ store }: Deps) =>
  operation({
    name: "profile delete",
    summary: "Forgets a profile, its access key and its token",
    example: "profile delete --profile ci",
    notes: "The gateway still knows the key: `usc delete-auth-method` ends it there.",
    effect: "write",
    names: { object: ["profile"] },
    input: () => z.object({ profile: text("Name of the profile", { placeholder: "NAME" }) }),
    output: () => z.object({ profile: z.string() }),
    run: async (input) => {
      const { key, revision } = await findProfile(store, input.profile);
      await store.commit([store.collection(profiles).remove(key, revision), store.collection(logins).remove(key)]);
      return { profile: key };
    },
  });
