import type { Room } from "./room.ts";

/** ARM and Graph keep their door until their rooms are built: they say so, each in the shape of its own errors. */
export const armNotYet: Room = (ask) => ({
  status: 501,
  headers: { "x-ms-request-id": ask.requestId, "x-ms-failure-cause": "gateway" },
  body: { error: { code: "NotImplemented", message: `The local Azure does not play ARM yet: ${ask.method} ${ask.path}` } },
});

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
