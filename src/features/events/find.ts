import { UscError } from "../../kernel/errors.ts";
import { recordAt } from "../../kernel/find.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type Destination, destinations, type EventForwarder, forwarders } from "./model.ts";

export const findForwarder = (store: Store, given: string): Promise<Stored<EventForwarder>> =>
  recordAt(store, forwarders, given, "event-forwarder list");

export async function findDestination(store: Store, { id, name }: EventForwarder): Promise<Stored<Destination>> {
  const stored = await store.collection(destinations).get(String(id));
  if (stored !== undefined) return stored;
  throw new UscError("conflict", `The event forwarder ${name} has lost its destination.`, { hint: "Delete it and create it again." });
}
