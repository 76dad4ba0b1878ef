import { randomUUID } from "node:crypto";

/**
 * Terminology.
 * Fault: what a test wants to go wrong, in the spelling of the control API. Effect: what the request does to the local Azure.
 *
 * A fault is data. Its members join freely and play in this order: `hold` before, `delay_ms`, `drop` or `reset` before; the
 * effect, unless `status` takes its place; `hold` after, `drop` or `reset` after; then the answer, changed by `status`, `headers`,
 * `body` and `retry_after`, and sent in the manner of `cut` and `slow`.
 */
export interface Fault {
  /** `*`, the default, fits any. */
  method: string;
  /** As on the wire: without the query, unless the pattern holds a `?`. `*` stands for any run of characters. */
  path: string;
  /** How many requests it hits; then it is used up. */
  times: number;
  /** How many requests that fit go through unharmed first: `skip: 2` hits the third. */
  skip?: number | undefined;

  /** Answers with it in the place of the service, so without an effect. Without `body` it says what Azure would, more or less. */
  status?: number | undefined;
  /** With `status`: the request takes effect all the same, and its true answer is lost. */
  takes_effect?: boolean | undefined;
  /** Added to the answer's, or instead of them. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** An object goes out as JSON; a string as it is, of no content type but that in `headers`. */
  body?: string | object | undefined;
  /** The same for bytes that are no text. */
  body_base64?: string | undefined;
  /** The Retry-After of the answer, in seconds. A date goes into `headers`. */
  retry_after?: number | undefined;

  delay_ms?: number | undefined;
  /** Waits until the fault is released; never released, it hangs. A client that leaves meanwhile leaves no effect behind if it was held "before". */
  hold?: Moment | undefined;
  /** Closes the connection without an answer, in order. */
  drop?: Moment | undefined;
  /** Resets the connection, as a crashed peer or a firewall does. */
  reset?: Moment | undefined;
  /** Announces the whole body, sends so many of its bytes, and closes. An answer without a body (204) has nothing to cut. */
  cut?: number | undefined;
  /** The body trickles: `bytes` at a time, with a pause after each piece. */
  slow?: Trickle | undefined;
}

/** Of the effect. */
export type Moment = "before" | "after";

export interface Trickle {
  bytes: number;
  every_ms: number;
}

export interface PlantedFault {
  id: string;
  fault: Fault;
  /** Requests that fit, the skipped ones too. */
  seen: number;
  hits: number;
  /** Requests that wait right now. */
  held: number;
  released: Promise<void>;
  release(): void;
}

export interface Faults {
  plant(fault: Fault): PlantedFault | "full";
  all(): readonly PlantedFault[];
  find(id: string): PlantedFault | undefined;
  /** Takes one hit of the first fault that fits and is not used up. */
  take(method: string, path: string): PlantedFault | undefined;
  /** Forgets every fault and lets go what they held. */
  clear(): void;
}

const limit = 1_000;

export function createFaults(): Faults {
  let planted: PlantedFault[] = [];
  return {
    plant(fault) {
      if (planted.length >= limit) return "full";
      const { promise, resolve } = Promise.withResolvers<void>();
      const entry: PlantedFault = { id: randomUUID(), fault, seen: 0, hits: 0, held: 0, released: promise, release: resolve };
      planted.push(entry);
      return entry;
    },
    all: () => planted,
    find: (id) => planted.find((entry) => entry.id === id),
    take(method, path) {
      const found = planted.find((entry) => entry.hits < entry.fault.times && fits(entry.fault, method, path) && isNext(entry));
      if (found !== undefined) found.hits += 1;
      return found;
    },
    clear() {
      for (const entry of planted) entry.release();
      planted = [];
    },
  };
}

function fits(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== "*" && fault.method !== method) return false;
  const bare = fault.path.includes("?") ? path : (path.split("?", 1)[0] ?? "");
  return fitsPattern(fault.path, bare);
}

function isNext(entry: PlantedFault): boolean {
  entry.seen += 1;
  return entry.seen > (entry.fault.skip ?? 0);
}

/** Leftmost match of each piece between stars: linear, whatever the pattern. */
export function fitsPattern(pattern: string, text: string): boolean {
  const pieces = pattern.split("*");
  const [first = "", ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
