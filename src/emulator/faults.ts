import { randomUUID } from "node:crypto";

/**
 * Terminology.
 * Fault: what a test wants to go wrong. A fault is used up after `times` requests that it fits.
 */
export interface Fault {
  /** `*` fits any. */
  method: string;
  /** Of the wire: without the query, unless the pattern holds a `?`. `*` stands for any run of characters. */
  path: string;
  times: number;
  status?: number;
  body?: string | object;
  delayMs?: number;
  retryAfter?: number;
  /** Cut the connection before or after the request takes effect. */
  drop?: "before" | "after";
  /** Wait, before the effect, until the fault is released. */
  hold?: true;
}

export interface PlantedFault {
  id: string;
  fault: Fault;
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
      const entry: PlantedFault = { id: randomUUID(), fault, hits: 0, held: 0, released: promise, release: resolve };
      planted.push(entry);
      return entry;
    },
    all: () => planted,
    find: (id) => planted.find((entry) => entry.id === id),
    take(method, path) {
      const found = planted.find((entry) => entry.hits < entry.fault.times && fits(entry.fault, method, path));
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
