import { afterAll } from "vitest";
import { describe as manifestOf } from "../../src/describe.ts";
import { logTo } from "../../src/faces/gateway/log.ts";
import { metrics } from "../../src/faces/gateway/metrics.ts";
import { serve, type ServeOptions } from "../../src/faces/gateway/serve.ts";
import { sources } from "../../src/faces/gateway/source.ts";

/** The gateway's face alone, over operations that only write down that they were called, and a log that can be read. */
export async function served(options: Partial<ServeOptions> = {}) {
  const called: { route: string; input: Readonly<Record<string, unknown>> }[] = [];
  const lines: string[] = [];
  const commands = await manifestOf();
  const serving = await serve({
    host: "127.0.0.1",
    port: 0,
    allowedHosts: [],
    commands,
    admit: async () => ({ name: "/tester", rights: { may: () => true, mayBelow: () => true } }),
    async call({ route }, input) {
      called.push({ route, input });
      return {};
    },
    answerOf: async () => ({ type: "object" }),
    asset: () => new Uint8Array(),
    outside: (sentence) => sentence,
    probe: async () => {},
    sourceOf: sources(["127.0.0.1"]),
    metrics: metrics(),
    log: logTo((line) => lines.push(line), "debug"),
    ...options,
  });
  afterAll(() => serving.stop());
  return { ...serving, host: new URL(serving.url).host, commands, called, lines };
}

export const post = (host: string, path: string, body: string, more: readonly string[] = []): string =>
  [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...more,
    "",
    body,
  ].join("\r\n");
