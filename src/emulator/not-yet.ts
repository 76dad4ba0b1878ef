import type { Room } from "./room.ts";

/** Graph keeps its door until its room is built: it says so, in the shape of its own errors. */
export const graphNotYet: Room = (ask) => ({
  status: 501,
  headers: { "request-id": ask.requestId, "content-type": "application/json" },
  body: {
    error: {
      code: "NotImplemented",
      message: `The local Azure does not play Graph yet: ${ask.method} ${ask.path}`,
      innerError: { "request-id": ask.requestId, "client-request-id": ask.header("client-request-id") ?? ask.requestId },
    },
  },
});
