import type { IncomingMessage, ServerResponse } from "node:http";
import { Hono } from "hono";
import { errorDocument, outcomes, UscError } from "../../kernel/errors.ts";
import type { Command, Manifest } from "../../kernel/manifest.ts";
import type { Rights } from "../../kernel/rights.ts";
import { once } from "../../kernel/once.ts";
import { readBody } from "./body.ts";
import { openapi } from "./openapi.ts";
import { refuseCrossSite } from "./origin.ts";

/** Whoever shows a token, or nobody: for the operations that give one. */
interface Bearer {
  name: string;
  rights: Rights;
}

export interface GatewayOptions {
  commands: Manifest;
  /** Throws `gateway_unauthenticated`. */
  admit: (token: string | undefined) => Promise<Bearer>;
  call: (command: Command, input: Readonly<Record<string, unknown>>, bearer: Bearer | undefined) => Promise<Record<string, unknown>>;
  /** The JSON Schema of a command's answer. */
  answerOf: (command: Command) => Promise<object>;
  /** Whether it takes new work. */
  isReady: () => boolean;
}

type Bindings = { incoming: IncomingMessage; outgoing: ServerResponse };

const headers = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};

/** The operations over HTTP: each is one route, at the root and under the prefixes that Akeyless' clients put before it. */
export function gateway({ commands, admit, call, answerOf, isReady }: GatewayOptions): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>({ strict: true });
  for (const command of commands) {
    if (command.local === true) continue;
    for (const route of new Set([command.route, ...(command.legacyRoutes ?? [])])) {
      for (const prefix of ["", "/api/v2", "/v2"]) {
        app.post(`${prefix}/${route}`, async (context) => {
          const { incoming } = context.env;
          refuseCrossSite(incoming);
          const { token, input } = tokenOf(command, incoming, await readBody(incoming));
          const bearer = command.open === true ? undefined : await admit(token);
          const told = await call(command, withoutBlanks(command, input), bearer);
          return answer(200, command.bare === undefined ? told : told[command.bare]);
        });
        app.all(`${prefix}/${route}`, () => answer(405, { error: "The gateway takes POST here.", code: "usage" }, { allow: "POST" }));
      }
    }
  }
  const described = once(async () => JSON.stringify(await openapi(commands, answerOf)));
  app.get("/openapi.json", async () => new Response(await described(), { headers }));
  app.get("/healthz", () => answer(200, { status: "ok" }));
  app.get("/readyz", () => (isReady() ? answer(200, { status: "ready" }) : answer(503, { status: "stopping" })));
  app.notFound(() => answer(404, { error: "There is no such path.", code: "not_found", hint: "/openapi.json lists what there is." }));
  app.onError((error) => failure(error));
  return app;
}

function failure(error: unknown): Response {
  const document = errorDocument(error);
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

const answer = (status: number, body: unknown, more: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...headers, ...more } });

/** What Terraform's user left out comes as "" or []. A value alone may be empty. */
function withoutBlanks({ fields }: Command, input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isValue = (key: string): boolean => fields.some(({ name, base64Mark }) => name === key && base64Mark !== undefined);
  const isBlank = (given: unknown): boolean => given === "" || (Array.isArray(given) && given.length === 0);
  return Object.fromEntries(Object.entries(input).filter(([key, given]) => !isBlank(given) || isValue(key)));
}

/** The token is a member of the body, as Akeyless' clients send it, or a header. It is no input, but for the operations about tokens. */
function tokenOf(
  command: Command,
  { headers: { authorization } }: IncomingMessage,
  body: Readonly<Record<string, unknown>>,
): { token: string | undefined; input: Record<string, unknown> } {
  const { token: inBody, ...rest } = body;
  const input = command.fields.some(({ name }) => name === "token") ? { ...body } : rest;
  const bearer = /^Bearer ([!-~]{1,1000})$/u.exec(authorization ?? "")?.[1];
  return { token: typeof inBody === "string" && inBody !== "" ? inBody : bearer, input };
}
