/** What a request looked like from outside. Never a header's value, never a body. */
export interface LoggedRequest {
  /** RFC 3339. */
  at: string;
  method: string;
  host: string;
  /** With the query, as on the wire. */
  path: string;
  /** 0 while it is under way, and when the connection was dropped instead of an answer. */
  status: number;
  ms: number;
  /** Which TCP connection carried it. */
  connection: number;
  request_id: string;
  /** Whether it carried an Authorization header at all. */
  authorized: boolean;
}

export interface RequestLog {
  add(request: LoggedRequest): void;
  all(): readonly LoggedRequest[];
  clear(): void;
}

const limit = 10_000;

export function createRequestLog(): RequestLog {
  let requests: LoggedRequest[] = [];
  return {
    add(request) {
      requests.push(request);
      // Cut by half, so that a busy log is not moved at every request.
      if (requests.length >= limit * 1.5) requests = requests.slice(-limit);
    },
    all: () => requests.slice(-limit),
    clear() {
      requests = [];
    },
  };
}
