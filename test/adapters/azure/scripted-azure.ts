import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createAuthority, issueLeaf } from "../../../src/emulator/authority.ts";
import { azureObjects, type AzureOptions, type Call } from "../../../src/adapters/azure/index.ts";
import type { ObjectAdapter, Vault } from "../../../src/features/objects/port.ts";
import type { Store } from "../../../src/kernel/store.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { stillClock } from "../../support/still-clock.ts";

interface Seen {
  method: string;
  host: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  connection: number;
}

type Script = (seen: Seen, response: ServerResponse) => void;

export const tenant = "11111111-2222-4333-8444-555555555555";
export const canary = { token: "TOKEN-canary-1", secret: "SECRET-canary-2", value: "VALUE-canary-3" };
const version = "0123456789abcdef0123456789abcdef";

/**
 * One listener that plays login and vault with the words of the wire contract, and answers as `script` says where it says something. `vault` is an
 * adapter's view of it.
 */
export async function scriptedAzure() {
  const authority = createAuthority();
  const leaf = issueLeaf(authority);
  const seen: Seen[] = [];
  const scripts: { token?: Script; challenge?: Script; vault?: Script } = {};
  const connections = new WeakMap<object, number>();
  let count = 0;
  const server = createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, (request, response) => {
    void read(request).then((body) => {
      const { method = "", url = "", headers, socket } = request;
      const connection = connections.get(socket) ?? (count += 1);
      connections.set(socket, connection);
      const one = { method, host: headers.host ?? "", path: url, headers, body, connection };
      seen.push(one);
      const script = url.includes("/oauth2/") ? scripts.token : headers.authorization === undefined ? scripts.challenge : scripts.vault;
      if (script) script(one, response);
      else if (url.includes("/oauth2/")) json(response, 200, { token_type: "Bearer", expires_in: 3599, access_token: canary.token });
      else if (headers.authorization === undefined) challenge(response, origin, tenant, "https://vault.azure.net");
      else json(response, 200, secret(origin));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `https://127.0.0.1:${port}`;
  const vault: Vault = {
    url: `https://demo.vault.localhost:${port}`,
    cloud: {
      name: "scripted",
      "authority-host": origin,
      "key-vault-suffix": `vault.localhost:${port}`,
      "key-vault-audience": "https://vault.azure.net",
      "graph-endpoint": "https://graph.localhost",
      "arm-endpoint": "https://management.localhost",
      "ca-pem": authority.certificatePem,
    },
    target: {
      id: 1,
      name: "/t",
      "tenant-id": tenant,
      "client-id": "66666666-2222-4333-8444-555555555555",
      "client-secret": canary.secret,
      "azure-cloud": "scripted",
      origin,
      tags: [],
      "delete-protection": false,
      "created-at": "2026-06-01T12:00:00Z",
      "modified-at": "2026-06-01T12:00:00Z",
    },
    connector: {
      id: 2,
      name: "/kv",
      "target-name": "/t",
      "vault-url": `https://demo.vault.localhost:${port}`,
      "vault-name": "demo",
      tags: [],
      "usc-tags": {},
      "delete-protection": false,
      "created-at": "2026-06-01T12:00:00Z",
      "modified-at": "2026-06-01T12:00:00Z",
    },
  };
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  const hangUpOnNext = (): void => void server.once("connection", (socket) => socket.destroy());
  return { vault, port, origin, seen, scripts, stop, hangUpOnNext, connections: () => count };
}

export type ScriptedAzure = Awaited<ReturnType<typeof scriptedAzure>>;

export function adapterOf(options: Partial<AzureOptions> = {}) {
  const calls: Call[] = [];
  const clock = stillClock();
  const store: Store = options.store ?? memoryStore();
  const adapter: ObjectAdapter = azureObjects({ clock, environment: {}, onCall: (call) => calls.push(call), ...options, store });
  return { adapter, calls, clock, store };
}

export function challenge(response: ServerResponse, origin: string, ofTenant: string, resource: string): void {
  const header = `Bearer authorization="${origin}/${ofTenant}", resource="${resource}"`;
  json(response, 401, { error: { code: "Unauthorized", message: "AKV10000" } }, { "www-authenticate": header });
}

export function secret(origin: string, name = "x"): object {
  return { value: canary.value, id: `${origin}/secrets/${name}/${version}`, attributes: { enabled: true, created: 1, updated: 1 } };
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "x-ms-request-id": "request-1", ...headers });
  response.end(JSON.stringify(body));
}

export function failure(response: ServerResponse, status: number, code: string, inner?: string, message = "text"): void {
  json(response, status, { error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) } });
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** All rows of a list. */
export async function rows(adapter: ObjectAdapter, vault: Vault): Promise<string[]> {
  const names: string[] = [];
  for await (const page of adapter.pages(vault)) names.push(...page.items.map(({ name }) => name));
  return names;
}
