import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { operation } from "../../kernel/operation.ts";
import { pageOf, paging } from "../../kernel/page.ts";
import { present } from "../../kernel/present.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { findDestination, findForwarder } from "./find.ts";
import { NameOnly } from "./inputs.ts";
import { dead, freshLane, laneOf, lanes, waiting } from "./lanes.ts";
import { authTypes, type EventForwarder, forwarders } from "./model.ts";

/** As Akeyless' clients know it. */
const view = () => ({
  noti_forwarder_id: z.int(),
  noti_forwarder_name: z.string(),
  noti_forwarder_type: z.literal("webhook"),
  is_enabled: z.boolean(),
  event_types: z.array(z.string()),
  items_event_source_locations: z.array(z.string()),
  targets_event_source_locations: z.array(z.string()),
  gateways_event_source_locations: z.array(z.string()),
  runner_type: z.enum(["immediate", "periodic"]),
  timespan_in_seconds: z.optional(z.int()),
  comment: z.string(),
  creation_date: z.string(),
  modification_date: z.string(),
});

const viewOf = (forwarder: EventForwarder) => ({
  noti_forwarder_id: forwarder.id,
  noti_forwarder_name: forwarder.name,
  noti_forwarder_type: "webhook" as const,
  is_enabled: forwarder.enabled,
  event_types: forwarder.types,
  items_event_source_locations: forwarder.items,
  targets_event_source_locations: forwarder.targets,
  gateways_event_source_locations: forwarder.gateways,
  runner_type: forwarder.every === undefined ? ("immediate" as const) : ("periodic" as const),
  ...(forwarder.every === undefined ? {} : { timespan_in_seconds: forwarder.every * 3600 }),
  comment: forwarder.description,
  creation_date: forwarder["created-at"],
  modification_date: forwarder["modified-at"],
});

export const list = ({ store }: Deps) =>
  operation({
    name: "event-forwarder list",
    summary: "Lists the event forwarders",
    example: "event-forwarder list -o table",
    effect: "read",
    needs: [onSystem("list", "/events")],
    input: () => z.object(paging()),
    output: () => z.object({ event_forwarders: z.array(z.object(view())), next_page: z.string() }),
    run: async ({ filter, "pagination-token": token }) => {
      const { page, next_page } = pageOf(await store.collection(forwarders).list(), token, filter);
      return { event_forwarders: page.map(({ value }) => viewOf(value)), next_page };
    },
  });

export const get = ({ store, clock }: Deps) =>
  operation({
    name: "event-forwarder get",
    legacyRoutes: ["get-event-forwarder"],
    summary: "Shows an event forwarder, and how its receiver has been doing",
    example: "event-forwarder get --name /ops",
    notes: "Never shows a secret, nor the query of the URL, which may be one.",
    effect: "read",
    needs: [onSystem("read", "/events")],
    input: NameOnly,
    output: () =>
      z.object({
        event_forwarder: z.object({
          ...view(),
          endpoint: z.string(),
          auth_type: z.enum(authTypes),
          username: z.optional(z.string()),
          allow_private: z.boolean(),
          waiting: z.int(),
          dead: z.int(),
          /** Dead ones that were forgotten, since there were too many. */
          dropped: z.int(),
          delivered: z.int(),
          last_delivery: z.optional(z.string()),
          /** Of the attempts since the last delivery. */
          failures: z.int(),
          last_error: z.optional(z.string()),
          next_attempt: z.optional(z.string()),
        }),
      }),
    run: async ({ name }) => {
      const { value: forwarder } = await findForwarder(store, name);
      const { value: destination } = await findDestination(store, forwarder);
      const lane = (await store.collection(lanes).get(String(forwarder.id)))?.value ?? freshLane;
      const [head] = await store.collection(waiting).list(laneOf(forwarder.id), 1);
      const next = head && Math.max(head.value.due, lane.until, clock.now());
      const [endpoint = ""] = destination.url.split("?", 1);
      return {
        event_forwarder: {
          ...viewOf(forwarder),
          endpoint,
          auth_type: destination["auth-type"],
          allow_private: destination.reach === "private",
          waiting: await store.collection(waiting).count(laneOf(forwarder.id)),
          dead: await store.collection(dead).count(laneOf(forwarder.id)),
          dropped: lane.dropped,
          delivered: lane.delivered,
          failures: lane.failures,
          ...present({
            username: destination.username,
            last_delivery: lane.last,
            last_error: lane.error,
            next_attempt: next === undefined || !forwarder.enabled ? undefined : rfc3339(next),
          }),
        },
      };
    },
  });
