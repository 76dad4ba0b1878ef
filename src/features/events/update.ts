import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { description, flag, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { onSystem } from "../../kernel/rights.ts";
import { rewritten } from "../../kernel/store.ts";
import { authenticationFrom, type Given, pemOf, placeOf, requireProofAgain } from "./authentication.ts";
import type { Deps } from "./deps.ts";
import { findDestination, findForwarder } from "./find.ts";
import { destinationFields, nameField, periodFields, routingFields, routingFrom } from "./inputs.ts";
import { type Destination, destinations, forwarders } from "./model.ts";
import { newSigningSecret, signingSecret } from "./sign.ts";

export const updateWebhook = ({ store, clock, webhook }: Deps) =>
  operation({
    name: "event-forwarder update webhook",
    summary: "Changes an event forwarder; what is left out stays",
    example: "event-forwarder update webhook --name /ops --event-types secret-expired,certificate-expired",
    notes:
      "Another URL or CA needs the password, token or key again, and --allow-private as well; it gets a new signing secret, unless one is given. --enable false keeps what waits, and tells nothing meanwhile.",
    effect: "write",
    needs: [onSystem("update", "/events")],
    input: () =>
      z.object({
        name: nameField(),
        "new-name": optionalText("New path of the event forwarder"),
        url: optionalText("Where to post: https://HOST[:PORT]/PATH", { placeholder: "URL", fromFile: "url-file" }),
        ...routingFields(),
        ...periodFields(),
        ...destinationFields(),
        enable: flag("Whether it tells of events"),
        description: description("What it is for", { aliases: ["comment"] }),
      }),
    output: () => z.object({ event_forwarder_id: z.int(), event_forwarder_name: z.string(), signing_secret: z.optional(z.string()) }),
    run: async (input) => {
      const stored = await findForwarder(store, input.name);
      const before = await findDestination(store, stored.value);
      const { destination, shown } = changed(before.value, input);
      (await webhook()).check(placeOf(destination));
      const path = input["new-name"] === undefined ? stored.key : itemPath(input["new-name"], "event forwarder");
      const { every, ...rest } = stored.value;
      const runner = input["runner-type"] ?? (every === undefined && input.every === undefined ? "immediate" : "periodic");
      const forwarder = {
        ...rest,
        ...routingFrom(input, rest),
        ...(runner === "periodic" ? { every: input.every ?? every ?? 1 } : {}),
        ...present({ description: input.description, enabled: input.enable }),
        name: path,
        "modified-at": rfc3339(clock.now()),
      };
      await store.commit([
        ...rewritten(store.collection(forwarders), stored, path, forwarder),
        store.collection(destinations).put(before.key, destination, before.revision),
      ]);
      return { event_forwarder_id: rest.id, event_forwarder_name: path, ...shown };
    },
  });

type Change = Given & {
  [F in "url" | "server-certificates" | "signing-secret"]?: string | undefined;
} & { "allow-private"?: boolean | undefined };

/** `shown`: a signing secret that was made here, for the one time that it is shown. */
function changed(before: Destination, given: Change): { destination: Destination; shown: { signing_secret?: string } } {
  const url = given.url?.trim() ?? before.url;
  const trust = given["server-certificates"] === undefined ? undefined : pemOf(given["server-certificates"], "server-certificates");
  const moved = url !== before.url || (trust !== undefined && trust !== before["server-certificates"]);
  const authentication = authenticationFrom(given, before);
  if (moved && authentication["auth-type"] === before["auth-type"]) requireProofAgain(before["auth-type"], given);
  const kept = moved ? undefined : before["signing-secret"];
  const said = given["signing-secret"] === undefined ? kept : signingSecret(given["signing-secret"]);
  const secret = said ?? newSigningSecret();
  const reach = given["allow-private"] === undefined ? (moved ? "public" : before.reach) : given["allow-private"] ? "private" : "public";
  return {
    destination: {
      url,
      reach,
      ...authentication,
      ...present({ "server-certificates": trust ?? before["server-certificates"] }),
      "signing-secret": secret,
    },
    shown: said === undefined ? { signing_secret: secret } : {},
  };
}
