import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { request as plainRequest, type IncomingHttpHeaders } from "node:http";
import { afterAll } from "vitest";
import { stillClock } from "../support/still-clock.ts";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../src/emulator/index.ts";

/** A clock that stands still in the middle of a year. */
export const handClock = () => stillClock(Date.UTC(2026, 5, 1, 12));

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // Bodies are looked into freely: a wrong guess fails the test that made it.
  // oxlint-disable-next-line typescript/no-explicit-any
  json: any;
}

export interface Lab extends Emulator {
  agent: Agent;
  ca: Buffer;
  /** Raw HTTPS; the path of a vault gets `api-version=7.4` unless it names one, and the token unless `token` says otherwise. */
  https(method: string, url: string, options?: { headers?: Record<string, string>; body?: string | object }): Promise<Reply>;
  vault(
    method: string,
    path: string,
    body?: string | object,
    options?: { token?: string; headers?: Record<string, string> },
  ): Promise<Reply>;
  token(scope?: string): Promise<string>;
  control(method: string, path: string, body?: object): Promise<Reply>;
}

// Registered once for the file that imports this: inside a running test it would be too late.
const open: Lab[] = [];
afterAll(() => Promise.all(open.map((lab) => lab.stop())));

export async function openLab(options: EmulatorOptions = {}): Promise<Lab> {
  const emulator = await startEmulator(options);
  const { ready } = emulator;
  const ca = readFileSync(ready.ca_file);
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 4 });
  const https: Lab["https"] = async (method, url, { headers = {}, body } = {}) =>
    exchange(request(url, { method, agent, headers, servername: "localhost" }), body);
  let cached: string | undefined;

  const token = async (scope = "https://vault.azure.net/.default"): Promise<string> => {
    const form = { grant_type: "client_credentials", client_id: ready.client_id, client_secret: ready.client_secret, scope };
    const reply = await https("POST", `${ready.authority_host}/${ready.tenant_id}/oauth2/v2.0/token`, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    });
    return reply.json.access_token;
  };

  const lab: Lab = {
    ready,
    async stop() {
      agent.destroy();
      await emulator.stop();
    },
    agent,
    ca,
    https,
    token,
    async vault(method, path, body, given = {}) {
      cached ??= await token();
      const bearer = given.token ?? cached;
      const query = path.includes("version=") ? "" : `${path.includes("?") ? "&" : "?"}api-version=7.4`;
      const authorization = bearer === "" ? {} : { authorization: `Bearer ${bearer}` };
      return https(method, `${ready.vaults[0]?.direct_url}${path}${query}`, {
        headers: { ...authorization, "content-type": "application/json", ...given.headers },
        ...(body === undefined ? {} : { body }),
      });
    },
    async control(method, path, body) {
      const headers = { "content-type": "application/json" };
      return exchange(plainRequest(ready.control + path, { method, headers }), body);
    },
  };
  open.push(lab);
  return lab;
}

export async function exchange(outgoing: ReturnType<typeof request>, body?: string | object): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  outgoing.on("error", reject);
  outgoing.on("response", (incoming) => {
    let text = "";
    incoming.setEncoding("utf8");
    incoming.on("data", (chunk: string) => (text += chunk));
    incoming.on("error", reject);
    incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parsed(text) }));
  });
  outgoing.end(typeof body === "object" && !Buffer.isBuffer(body) ? JSON.stringify(body) : body);
  return promise;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
