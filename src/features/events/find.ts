import { UscError } from "../../kernel/errors.ts";
import { itemPath } from "../../kernel/paths.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type Destination, destinations, type EventForwarder, forwarders } from "./model.ts";

export async function findForwarder(store: Store, given: string): Promise<Stored<EventForwarder>> {
  const path = itemPath(given, "event forwarder");
  const stored = await store.collection(forwarders).get(path);
  if (stored !== undefined) return stored;
  throw new UscError("not_found", `There is no event forwarder ${path}.`, { hint: "`usc event-forwarder list` shows what there is." });
}

export async function findDestination(store: Store, { id, name }: EventForwarder): Promise<Stored<Destination>> {
  const stored = await store.collection(destinations).get(String(id));
  if (stored !== undefined) return stored;
  throw new UscError("conflict", `The event forwarder ${name} has lost its destination.`, { hint: "Delete it and create it again." });
}
