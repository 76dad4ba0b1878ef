import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { list, optionalText } from "../../kernel/fields.ts";
import { operation, type Operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import { nameField, periodFields, routingFields } from "./inputs.ts";

/** Kinds of forwarders that Akeyless has beside webhooks, and the fields that its clients send for them. */
const others = {
  email: () => ({ "email-to": optionalText("Address"), "override-url": optionalText("Address of the console") }),
  slack: () => ({ url: optionalText("Slack's webhook") }),
  teams: () => ({ url: optionalText("Teams' webhook") }),
  servicenow: () => ({ host: optionalText("Address"), "auth-type": optionalText("Kind of login"), "user-email": list("Address") }),
};

/** They are there so that who types them learns what to do instead. */
export const unsupported: Operation[] = Object.entries(others).flatMap(([kind, fields]) =>
  (["create", "update"] as const).map((verb) =>
    operation({
      name: `event-forwarder ${verb} ${kind}`,
      summary: "Not supported: webhooks are",
      example: `event-forwarder ${verb} ${kind} --name /ops`,
      effect: "write",
      needs: [onSystem(verb, "/events")],
      input: () => z.object({ name: nameField(), ...routingFields(), ...periodFields(), ...fields() }),
      output: () => z.object({ event_forwarder_id: z.int() }),
      run: async () => {
        throw new UscError("unsupported", `usc has no event forwarder of the kind ${kind}.`, {
          hint: "A webhook reaches what turns events into messages: `usc event-forwarder create webhook`.",
        });
      },
    }),
  ),
);
