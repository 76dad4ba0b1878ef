import * as z from "zod/mini";
import { operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { profiles } from "./model.ts";
import { view, viewOf } from "./view.ts";

export const list = ({ store }: Deps) =>
  operation({
    name: "profile list",
    summary: "Lists the gateways that this machine has profiles for",
    example: "profile list -o table",
    effect: "read",
    input: () => z.object({}),
    output: () => z.object({ profiles: z.array(view()) }),
    run: async () => ({ profiles: (await store.collection(profiles).list()).map(({ key, value }) => viewOf(key, value)) }),
  });
