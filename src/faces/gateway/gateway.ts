import type { IncomingMessage, ServerResponse } from "node:http";
import { Hono } from "hono";
import { errorDocument, outcomes, UscError } from "../../kernel/errors.ts";
import type { Command, Manifest } from "../../kernel/manifest.ts";
import type { Rights } from "../../kernel/rights.ts";
import { once } from "../../kernel/once.ts";
import { answer, headers, noMethod, noOperation, noPath, type Refusal } from "./answers.ts";
import { namesGiven, tokenOf, withoutBlanks } from "./asked.ts";
import { readBody } from "./body.ts";
import { pageAnswer, pagesOf } from "./docs.ts";
import { type Ears, earsOf } from "./ears.ts";
import { exchangeOf } from "./exchange.ts";
import type { Metrics } from "./metrics.ts";
import { openapi } from "./openapi.ts";
import { refuseCrossSite } from "./origin.ts";

/** Whoever shows a token, or nobody: for the operations that give one. */
interface Bearer {
  name: string;
  rights: Rights;
}

/** Where a request comes from, and what is heard there beside the answer. */
interface From extends Ears {
  /** The address. */
  source: string;
}

export interface GatewayOptions {
  commands: Manifest;
  /** Throws `gateway_unauthenticated`. */
  admit: (token: string | undefined) => Promise<Bearer>;
  call: (
    command: Command,
    input: Readonly<Record<string, unknown>>,
    bearer: Bearer | undefined,
    from: From,
  ) => Promise<Record<string, unknown>>;
  /** The JSON Schema of a command's answer. */
  answerOf: (command: Command) => Promise<object>;
  /** A file that the build has put beside the program. */
  asset: (file: string) => Uint8Array;
  metrics: Metrics;
  /** A sentence as it may leave this machine: without the places where it keeps things. */
  outside: (sentence: string) => string;
  /** Rejects when the state cannot be read. */
  probe: () => Promise<unknown>;
  /** Whether it takes no new work any more. */
  isStopping: () => boolean;
}

type Bindings = { incoming: IncomingMessage; outgoing: ServerResponse };

/** The operations over HTTP: each is one route, at the root and under the prefixes that Akeyless' clients put before it. */
export function gateway(options: GatewayOptions): Hono<{ Bindings: Bindings }> {
  const { commands, answerOf, asset, metrics } = options;
  const app = new Hono<{ Bindings: Bindings }>({ strict: true });
  for (const command of commands) {
    if (command.local === true) continue;
    for (const route of new Set([command.route, ...(command.legacyRoutes ?? [])])) {
      for (const prefix of prefixes) {
        const path = `${prefix}/${route}`;
        app.post(path, ({ env }) => served(command, env, options));
        app.all(path, ({ env }) => refused(env.incoming, noMethod, { allow: "POST" }));
      }
    }
  }
  const look = (path: string, give: (incoming: IncomingMessage) => Promise<Response>): void => {
    app.get(path, ({ env: { incoming } }) => {
      exchangeOf(incoming).route = path.slice(1);
      return give(incoming);
    });
  };
  const described = once(async () => JSON.stringify(await openapi(commands, answerOf)));
  look("/openapi.json", async () => new Response(await described(), { headers }));
  look("/metrics", async () => new Response(await metrics.text(), { headers: { ...headers, "content-type": metrics.contentType } }));
  look("/healthz", async () => answer(200, { status: "ok" }));
  look("/readyz", async () => {
    const status = await readiness(options);
    return answer(status === "ready" ? 200 : 503, { status });
  });
  for (const [path, page] of Object.entries(pagesOf(asset)))
    look(path, async (incoming) => pageAnswer(page(), String(incoming.headers["accept-encoding"]), headers));
  app.notFound(({ env: { incoming }, req }) => refused(incoming, req.method === "POST" && isCalled(req.path) ? noOperation : noPath));
  app.onError((error, { env }) => failure(error, env.incoming, options));
  return app;
}

const prefixes = ["", "/api/v2", "/v2"];
/** Whether it has the form of an operation's route. */
const isCalled = (path: string): boolean =>
  prefixes.some((prefix) => path.startsWith(`${prefix}/`) && /^[a-z][a-z0-9-]*$/u.test(path.slice(prefix.length + 1)));

function refused(incoming: IncomingMessage, { status, document }: Refusal, more: Record<string, string> = {}): Response {
  exchangeOf(incoming).code = document.code;
  return answer(status, document, more);
}

async function readiness({ isStopping, probe }: GatewayOptions): Promise<string> {
  if (isStopping()) return "stopping";
  try {
    await probe();
    return "ready";
  } catch {
    return "the state cannot be read";
  }
}

async function served(command: Command, { incoming, outgoing }: Bindings, { admit, call, isStopping }: GatewayOptions): Promise<Response> {
  const exchange = exchangeOf(incoming);
  exchange.route = command.route;
  if (isStopping()) throw new UscError("unavailable", "The gateway is stopping, and takes no new work.", { retryAfter: 1 });
  refuseCrossSite(incoming);
  const { token, input } = tokenOf(command, incoming, await readBody(incoming));
  exchange.fields = namesGiven(command, input);
  const bearer = command.open === true ? undefined : await admit(token);
  if (bearer !== undefined) exchange.caller = bearer.name;
  const told = await call(command, withoutBlanks(command, incoming, input), bearer, {
    source: exchange.address,
    ...earsOf(incoming, outgoing),
  });
  return answer(200, command.bare === undefined ? told : told[command.bare]);
}

function failure(error: unknown, incoming: IncomingMessage, { outside }: GatewayOptions): Response {
  const { error: sentence, hint, ...known } = errorDocument(error);
  const document = { error: outside(sentence), ...known, ...(hint === undefined ? {} : { hint: outside(hint) }) };
  const exchange = exchangeOf(incoming);
  exchange.code = document.code;
  if (document.code === "internal" && error instanceof Error) exchange.trace = framesOf(error);
  const { retry_after: after } = document;
  const answerOf = error instanceof UscError ? error.details.answer : undefined;
  return answer(
    outcomes[document.code].status,
    { ...answerOf, ...document },
    {
      ...(after === undefined ? {} : { "retry-after": String(Math.ceil(after)) }),
      ...(document.code === "gateway_unauthenticated" ? { "www-authenticate": "Bearer" } : {}),
    },
  );
}

/** Where it was thrown, without what it says. */
const framesOf = ({ stack = "" }: Error): string[] =>
  stack
    .split("\n")
    .filter((line) => /^ {4}at /u.test(line))
    .slice(0, 10)
    .map((line) => line.trim().slice(0, 200));
