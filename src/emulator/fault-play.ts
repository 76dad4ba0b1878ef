import { once } from "node:events";
import type { Socket } from "node:net";
import type { Clock } from "./clock.ts";
import type { Fault, Moment, PlantedFault, Trickle } from "./faults.ts";
import { defaultBody, headersOf } from "./fault-bodies.ts";
import type { Place } from "./hosts.ts";
import type { Answer } from "./room.ts";

/** How a request ends on the wire. */
export type Ending =
  | { by: "answer"; answer: Answer; cut?: number | undefined; slow?: Trickle | undefined }
  | { by: "close" }
  | { by: "reset" };

export interface Scene {
  clock: Clock;
  stopping: AbortSignal;
  socket: Socket;
  requestId: string;
  place: Place;
}

/** Plays one hit of a fault around the effect of a request. The order of its acts stands at `Fault`. */
export async function play(planted: PlantedFault, scene: Scene, effect: () => Promise<Answer>): Promise<Ending> {
  const { fault } = planted;
  if (fault.hold === "before" && (await hold(planted, scene)) === "given up") return { by: "close" };
  if (fault.delay_ms !== undefined) await scene.clock.sleep(fault.delay_ms, scene.stopping);
  const cutShort = abruptly(fault, "before");
  if (cutShort !== undefined) return cutShort;

  const takesEffect = fault.status === undefined || fault.takes_effect === true;
  const real = takesEffect ? await effect() : { status: 0, headers: headersOf(scene) };
  if (fault.hold === "after") await hold(planted, scene);
  return abruptly(fault, "after") ?? { by: "answer", answer: changed(fault, real, scene), cut: fault.cut, slow: fault.slow };
}

async function hold(planted: PlantedFault, { socket, stopping }: Scene): Promise<"released" | "given up"> {
  planted.held += 1;
  const waiting = new AbortController();
  const left = once(socket, "close", { signal: waiting.signal }).catch(() => []);
  await Promise.race([planted.released, left]);
  waiting.abort();
  planted.held -= 1;
  return socket.destroyed || stopping.aborted ? "given up" : "released";
}

function abruptly(fault: Fault, moment: Moment): Ending | undefined {
  if (fault.reset === moment) return { by: "reset" };
  return fault.drop === moment ? { by: "close" } : undefined;
}

function changed(fault: Fault, real: Answer, scene: Scene): Answer {
  const { status, headers, retry_after: retryAfter } = fault;
  const planted = fault.body_base64 === undefined ? fault.body : Buffer.from(fault.body_base64, "base64");
  return {
    status: status ?? real.status,
    headers: { ...real.headers, ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }), ...headers },
    body: planted ?? (status === undefined ? real.body : defaultBody(status, scene)),
  };
}
