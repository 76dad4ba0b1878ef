import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { assignRoles, setAccessPolicy } from "./control-access.ts";
import { addClientSecret, changeApplication } from "./control-applications.ts";
import { grantGraphRoles, listApplications, listUsers, putUser, replicate } from "./control-directory.ts";
import { clearFaults, listFaults, plantFault, releaseFault } from "./control-faults.ts";
import { BadControl, readerOf, type Desk, type Run } from "./control-input.ts";
import { changeSettings } from "./control-settings.ts";
import { deleteStorageAccount, putStorageAccount } from "./control-storage.ts";
import { moveClock, seedSecret } from "./control-world.ts";
import type { Listener } from "./front.ts";
import { findRoute } from "./room.ts";
import { VaultFailure } from "./vault-errors.ts";

/** The back door for tests: what happened, what shall go wrong, what time it is. Its address holds a part that nobody can guess. */
export interface Control {
  segment: string;
  listener: Listener;
}

const bodyLimit = 1_048_576;

/** What each takes and answers stands where its command does. 204 is the answer where nothing is said; 400 `{"error"}` says what was wrong. */
const routes: readonly { method: string; path: string; run: Run }[] = [
  { method: "GET", path: "/requests", run: ({ log }) => ({ requests: log.all() }) },
  { method: "DELETE", path: "/requests", run: forgetRequests },
  { method: "GET", path: "/faults", run: listFaults },
  { method: "POST", path: "/faults", run: plantFault },
  { method: "DELETE", path: "/faults", run: clearFaults },
  { method: "POST", path: "/faults/{id}/release", run: releaseFault },
  { method: "PUT", path: "/settings", run: changeSettings },
  { method: "PUT", path: "/role-assignments", run: assignRoles },
  { method: "PUT", path: "/access-policies", run: setAccessPolicy },
  { method: "GET", path: "/applications", run: listApplications },
  { method: "PUT", path: "/applications", run: changeApplication },
  { method: "PUT", path: "/graph-roles", run: grantGraphRoles },
  { method: "GET", path: "/users", run: listUsers },
  { method: "PUT", path: "/users", run: putUser },
  { method: "POST", path: "/replicate", run: replicate },
  { method: "PUT", path: "/storage-accounts/{name}", run: putStorageAccount },
  { method: "DELETE", path: "/storage-accounts/{name}", run: deleteStorageAccount },
  { method: "POST", path: "/clock", run: moveClock },
  { method: "POST", path: "/client-secrets", run: addClientSecret },
  { method: "PUT", path: "/secrets/{vault}/{name}", run: seedSecret },
];

function forgetRequests({ log }: Desk): undefined {
  log.clear();
}

export function createControl(desk: Desk): Control {
  const segment = randomBytes(24).toString("base64url");
  return {
    segment,
    async listener(incoming, outgoing) {
      const { status, body } = await serve(desk, segment, incoming);
      const text = body === undefined ? "" : JSON.stringify(body);
      const type = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      outgoing.writeHead(status, { ...type, "cache-control": "no-store", ...(incoming.readableEnded ? {} : { connection: "close" }) });
      outgoing.end(text);
      incoming.resume();
    },
  };
}

async function serve(desk: Desk, segment: string, incoming: IncomingMessage): Promise<{ status: number; body?: object }> {
  if (!/^(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?$/.test(incoming.headers.host ?? ""))
    return refusal(403, "This host name is not allowed.");
  const path = (incoming.url ?? "").split("?", 1)[0] ?? "";
  if (!path.startsWith(`/${segment}/`)) return refusal(404, "There is nothing here.");
  const found = findRoute(routes, incoming.method ?? "", path.slice(segment.length + 1));
  if (found === undefined) return refusal(404, "There is nothing here.");
  try {
    const body = incoming.method === "POST" || incoming.method === "PUT" ? await readJson(incoming) : {};
    const answer = found.route.run(desk, { params: found.params, body: readerOf(body) });
    if (incoming.method !== "GET") await desk.world.saved();
    return answer === undefined ? { status: 204 } : { status: 200, body: answer };
  } catch (error) {
    if (error instanceof BadControl || error instanceof VaultFailure) return refusal(400, error.message);
    throw error;
  }
}

function refusal(status: number, error: string): { status: number; body: object } {
  return { status, body: { error } };
}

// A web page cannot send this content type to another origin without asking first, and nobody answers that question.
async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > bodyLimit) throw new BadControl(`The body is larger than ${bodyLimit} bytes.`);
    chunks.push(chunk);
  }
  if (size === 0) return {};
  if (!/^application\/json\s*(?:;|$)/i.test(incoming.headers["content-type"] ?? "")) {
    throw new BadControl("The content type must be application/json.");
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new BadControl("The body is not valid JSON.");
  }
}
