import type { Rotators } from "../../src/features/rotation/port.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import type { Store } from "../../src/kernel/store.ts";
import { azureRotators } from "../../src/rotation-engine.ts";

const refusal = { body: { error: { code: "Request_BadRequest", message: "no" } } };
/** What a call of Graph, ARM or Entra may end with. */
export const faults = {
  ...Object.fromEntries([400, 401, 403, 404, 409].map((status) => [`HTTP ${status}`, { status, ...refusal }])),
  "429 with Retry-After": { status: 429, retry_after: 2 },
  "429 without": { status: 429 },
  "HTTP 500": { status: 500 },
  "HTTP 503": { status: 503 },
  "a page of a gateway": { status: 200, body: "<html>" },
  "a reset before the effect": { reset: "before" },
  "a reset after the effect": { reset: "after" },
  "a lost answer of 503": { status: 503, takes_effect: true },
};

/** It is over only when nobody waits any longer, which takes real time: `hastyRotators`. */
export const silences = { "no answer, and no effect": { hold: "before" }, "no answer after the effect": { hold: "after" } };

/** Those of the composition root, but for their patience. */
export const hastyRotators = (store: Store, clock: Clock) => (): Rotators =>
  azureRotators({ store, clock, environment: {}, perRequestMs: 300, totalMs: 15_000 });
