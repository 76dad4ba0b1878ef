import type { Webhook } from "../../features/events/port.ts";
import { destinationOf } from "./destination.ts";
import { peerOf, type Resolve, systemResolve } from "./peer.ts";

/** Posts to receivers of events, over Node's own HTTP. `resolve`: how names become addresses. */
export const webhooks = (resolve: Resolve = systemResolve): Webhook => ({
  check: (place) => void destinationOf(place),
  open: (place) => peerOf(place, resolve),
});
