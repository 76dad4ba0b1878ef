import type { Origin } from "./hosts.ts";

/**
 * Terminology.
 * Room: one service of the local Azure (Entra, a vault, ARM, Graph). A room is asked and answers; it never sees a socket.
 */
export interface Ask {
  method: string;
  /** As on the wire, without the query. */
  path: string;
  query: URLSearchParams;
  header(name: string): string | undefined;
  /** Throws BodyTooLarge past 1 MiB. */
  readBody(): Promise<Buffer>;
  origin: Origin;
  requestId: string;
}

export interface Answer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  /** An object goes out as JSON, a Buffer as it is. */
  body?: string | object | undefined;
}

export type Room = (ask: Ask) => Promise<Answer> | Answer;

export class BodyTooLarge extends Error {
  override name = "BodyTooLarge";
}

/** Finds the first route of the table that fits. `{x}` in a pattern is one segment; a trailing slash never matters. */
export function findRoute<R extends { method: string; path: string }>(
  routes: readonly R[],
  method: string,
  path: string,
): { route: R; params: Record<string, string> } | undefined {
  const segments = segmentsOf(path);
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = fit(segmentsOf(route.path), segments);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function fit(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (part.startsWith("{")) params[part.slice(1, -1)] = decoded(segment);
    else if (part !== segment.toLowerCase()) return undefined;
  }
  return params;
}

// Clients whose vault URL ends in a slash ask for `//secrets/...`: the service takes it.
function segmentsOf(path: string): string[] {
  return path.replace(/^\/+/, "").replace(/\/$/, "").split("/");
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
