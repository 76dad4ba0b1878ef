import type { Deps } from "./deps.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Noun, Shelf } from "./port.ts";

type Chosen = { "object-type"?: Noun | undefined };

/** The kind of objects that a call is about. */
export const shelfOf = async ({ adapter, certificates }: Pick<Deps, "adapter" | "certificates">, chosen: Chosen): Promise<Shelf> =>
  chosen["object-type"] === "certificate" ? certificates() : adapter;

/** What the steps of soft delete need, for one kind. */
export interface Life extends Lifecycle, Pick<Deps, "certificates"> {}

export const lifeOf = async (deps: Deps, chosen: Chosen): Promise<Life> => ({ ...deps, adapter: await shelfOf(deps, chosen) });
