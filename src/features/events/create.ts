import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { onSystem } from "../../kernel/rights.ts";
import { authenticationFrom, pemOf, placeOf } from "./authentication.ts";
import type { Deps } from "./deps.ts";
import { destinationFields, nameField, periodFields, routingFields, routingFrom } from "./inputs.ts";
import { type Destination, destinations, type EventForwarder, forwarders } from "./model.ts";
import { newSigningSecret, signingSecret } from "./sign.ts";

export const createWebhook = ({ store, clock, webhook }: Deps) =>
  operation({
    name: "event-forwarder create webhook",
    summary: "Tells a receiver of events by a signed POST",
    example: "event-forwarder create webhook --name /ops --url https://hooks.example.com/usc --items-event-source-locations '/prod/*'",
    notes:
      "Sends nothing yet: `usc event-forwarder test` does. What is posted, and how a receiver checks it: docs/guide/events.md. A receiver has a public address and https, unless the user of the machine says --allow-private.",
    effect: "write",
    needs: [onSystem("create", "/events")],
    input: () =>
      z.object({
        name: nameField(),
        url: text("Where to post: https://HOST[:PORT]/PATH", { placeholder: "URL", fromFile: "url-file" }),
        ...routingFields(),
        ...periodFields(),
        ...destinationFields(),
        description: optionalText("What it is for", { aliases: ["comment"] }),
      }),
    output: () => z.object({ event_forwarder_id: z.int(), event_forwarder_name: z.string(), signing_secret: z.optional(z.string()) }),
    run: async (input) => {
      const name = itemPath(input.name, "event forwarder");
      const { "signing-secret": given, "server-certificates": trust } = input;
      const secret = given === undefined ? newSigningSecret() : signingSecret(given);
      const destination: Destination = {
        url: input.url.trim(),
        reach: input["allow-private"] === true ? "private" : "public",
        ...authenticationFrom(input),
        ...present({ "server-certificates": trust === undefined ? undefined : pemOf(trust, "server-certificates") }),
        "signing-secret": secret,
      };
      const routing = routingFrom(input, { types: [], items: [], targets: [], gateways: [] });
      (await webhook()).check(placeOf(destination));
      const runner = input["runner-type"] ?? (input.every === undefined ? "immediate" : "periodic");
      const id = await store.nextId("event-forwarders");
      const now = rfc3339(clock.now());
      const made: EventForwarder = {
        id,
        name,
        enabled: true,
        ...routing,
        ...(runner === "periodic" ? { every: input.every ?? 1 } : {}),
        description: input.description ?? "",
        "created-at": now,
        "modified-at": now,
      };
      await store.commit([store.collection(forwarders).put(name, made, 0), store.collection(destinations).put(String(id), destination, 0)]);
      return { event_forwarder_id: id, event_forwarder_name: name, ...(given === undefined ? { signing_secret: secret } : {}) };
    },
  });
