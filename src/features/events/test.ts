import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import { attempt } from "./attempt.ts";
import { placeOf } from "./authentication.ts";
import type { Deps } from "./deps.ts";
import { findDestination, findForwarder } from "./find.ts";
import { NameOnly } from "./inputs.ts";
import { newId } from "./lanes.ts";
import { type Event, testType } from "./model.ts";

export const test = ({ store, clock, webhook }: Deps) =>
  operation({
    name: "event-forwarder test",
    summary: "Posts a test event now, and says what came of it",
    example: "event-forwarder test --name /ops",
    notes: "Once, whatever comes of it; it is no delivery.",
    effect: "write",
    needs: [onSystem("update", "/events")],
    input: NameOnly,
    output: () => z.object({ delivered: z.literal(true), delivery_id: z.string(), status: z.int(), ms: z.int() }),
    run: async (input) => {
      const { value: forwarder } = await findForwarder(store, input.name);
      const { value: destination } = await findDestination(store, forwarder);
      const began = clock.now();
      const id = newId(began);
      const event: Event = {
        id,
        type: testType,
        time: rfc3339(began),
        source: { kind: "item", name: forwarder.name },
        payload: { event_message: `A test of the event forwarder ${forwarder.name}.` },
      };
      const peer = (await webhook()).open(placeOf(destination));
      const { status, error } = await attempt(peer, destination, { id, events: [event] }, clock).finally(() => peer.close());
      if (status === undefined || error !== undefined) throw failed(forwarder.name, error ?? "");
      return { delivered: true, delivery_id: id, status, ms: Math.round(clock.now() - began) };
    },
  });

const failed = (name: string, error: string): UscError =>
  new UscError("unavailable", `The receiver of ${name} did not take the test event: ${error}.`, { hint: hints[error] ?? hintOf(error) });

const hints: Readonly<Record<string, string>> = {
  "address not allowed": "Its host has a private, loopback or reserved address: the user of the machine may say --allow-private.",
  "name not found": "Check the host's name.",
  "connection refused": "Check the port, and whether the receiver runs.",
  "certificate not trusted": "A CA of your own is given by --server-certificates-file.",
  timeout: "A receiver answers first and works afterwards; usc waits ten seconds.",
};

function hintOf(error: string): string {
  if (error.startsWith("HTTP 3")) return "Redirects are not followed: give the URL that it leads to.";
  return /^HTTP 40[13]$/u.test(error) ? "Check the password, token or client certificate." : "Look at the receiver's own log.";
}
