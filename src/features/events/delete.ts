import * as z from "zod/mini";
import { operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { findForwarder } from "./find.ts";
import { NameOnly } from "./inputs.ts";
import { freshLane, lanes } from "./lanes.ts";
import { destinations, forwarders } from "./model.ts";
import { clearing } from "./upkeep.ts";

export const remove = ({ store, clock }: Deps) =>
  operation({
    name: "event-forwarder delete",
    legacyRoutes: ["delete-event-forwarder"],
    summary: "Removes an event forwarder, with all that waits or is dead",
    example: "event-forwarder delete --name /ops",
    effect: "write",
    needs: [onSystem("delete", "/events")],
    input: NameOnly,
    output: () => z.object({ event_forwarder_id: z.int(), event_forwarder_name: z.string() }),
    run: async (input) => {
      const { key, value, revision } = await findForwarder(store, input.name);
      const id = String(value.id);
      await store.commit([
        store.collection(forwarders).remove(key, revision),
        store.collection(destinations).remove(id),
        ...(await clearing(store, value.id)),
        // Whoever is about to commit an event has still seen this forwarder: the duty clears up behind him.
        store.collection(lanes).put(id, { ...freshLane, ended: clock.now() }),
      ]);
      return { event_forwarder_id: value.id, event_forwarder_name: key };
    },
  });
