import * as z from "zod/mini";
import { flag, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { present } from "../../kernel/present.ts";
import type { Deps } from "./deps.ts";
import { logins, profileName, profiles, usualProfile } from "./model.ts";
import { view, viewOf } from "./view.ts";

export const configure = ({ store, address }: Deps) =>
  operation({
    name: "configure",
    summary: "Keeps a gateway and an access key as a profile, the key sealed",
    example: "configure --profile ci --gateway-url https://gateway.example:8000 --access-id p-xxxxxxxxxxxx --access-key-file key.txt",
    notes:
      "`--profile ci` then runs any command there. A profile of that name is replaced. It stays on this machine: no gateway serves it.",
    effect: "write",
    names: { object: ["profile"] },
    input: () =>
      z.object({
        profile: optionalText(`Name of the profile (default: ${usualProfile})`, { placeholder: "NAME" }),
        "gateway-url": text("Address of the gateway", { short: "u", placeholder: "URL" }),
        "access-id": text("Access id"),
        "access-key": text("Access key", { secret: true }),
        "insecure-gateway": flag("Let it be another machine without TLS: all that is sent can be read on the way"),
      }),
    output: view,
    run: async (input) => {
      const name = profileName(input.profile ?? usualProfile);
      const profile = {
        "gateway-url": address(input["gateway-url"], input["insecure-gateway"] ?? false),
        "access-id": input["access-id"],
        // A file of one line ends with a line break; a key holds none.
        "access-key": input["access-key"].trim(),
        ...present({ "insecure-gateway": input["insecure-gateway"] }),
      };
      await store.commit([store.collection(profiles).put(name, profile), store.collection(logins).remove(name)]);
      return viewOf(name, profile);
    },
  });
