import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { getRequestListener } from "@hono/node-server";
import { UscError } from "../../kernel/errors.ts";
import { noPath, notOurs, type Refusal, refuse, refuseUnread, twoSlashes } from "./answers.ts";
import { exchangeOf, watch } from "./exchange.ts";
import { gateway, type GatewayOptions } from "./gateway.ts";
import { hostsAllowed, hostsOf, isOurHost, nameOf } from "./hosts.ts";
import type { Log } from "./log.ts";

export interface ServeOptions extends Omit<GatewayOptions, "isStopping"> {
  /** An address. */
  host: string;
  port: number;
  tls?: { cert: Buffer; key: Buffer } | undefined;
  /** Names beside the address that clients may call the gateway by, each with a port of its own or without one. */
  allowedHosts: readonly string[];
  /** The address that a request comes from. */
  sourceOf: (incoming: IncomingMessage) => string;
  log: Log;
  limits?: Partial<Limits>;
}

export interface Serving {
  url: string;
  /** New certificates, for the next handshake. */
  reload(tls: { cert: Buffer; key: Buffer }): void;
  /** Takes no new work, says so to who asks, and resolves when what runs has ended. */
  stop(): Promise<void>;
}

type Limits = Required<
  Pick<ServerOptions, "headersTimeout" | "requestTimeout" | "keepAliveTimeout" | "maxHeaderSize" | "connectionsCheckingInterval">
> & { sockets: number };

const usual: Limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  // How often Node looks at the two above; its own 30 s would let slow headers stand for 40.
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
  sockets: 1000,
};

export async function serve(options: ServeOptions): Promise<Serving> {
  const { tls, sourceOf } = options;
  const { sockets, ...limits } = { ...usual, ...options.limits };
  let hosts: ReadonlySet<string> = new Set();
  const work = workUnderWay();
  const listener = getRequestListener(gateway({ ...options, isStopping: work.isEnding }).fetch);
  const guarded: RequestListener = (request, response) => {
    watch(request, response, sourceOf(request), options);
    work.add(response);
    const refused = isOurHost(request, hosts) ? refusalOf(request.url ?? "") : notOurs;
    if (refused === undefined) {
      void listener(request, response);
      return;
    }
    exchangeOf(request).code = refused.document.code;
    refuse(response, refused);
  };
  // A request without a Host is refused by the guard, in our words.
  const how = { ...limits, requireHostHeader: false };
  const server = tls === undefined ? createServer(how, guarded) : createSecureServer({ ...how, ...tls, minVersion: "TLSv1.2" }, guarded);
  server.on("clientError", refuseUnread);
  server.maxConnections = sockets;
  const port = await listen(server, options);
  const secure = tls !== undefined;
  hosts = new Set([...hostsOf([nameOf(options.host), "localhost"], port, secure), ...hostsAllowed(options.allowedHosts, port)]);
  return {
    url: `${secure ? "https" : "http"}://${nameOf(options.host)}:${port}`,
    reload: (renewed) => void ("setSecureContext" in server && server.setSecureContext(renewed)),
    stop: () =>
      new Promise((resolve) => {
        work.end(() => {
          server.close(() => resolve());
          server.closeAllConnections();
        });
      }),
  };
}

/** The requests that are not answered yet. From `end` on each is the last of its connection, and `act` follows the last of all. */
function workUnderWay() {
  let requests = 0;
  let over: (() => void) | undefined;
  return {
    isEnding: (): boolean => over !== undefined,
    add(response: ServerResponse): void {
      requests += 1;
      response.once("close", () => {
        requests -= 1;
        if (requests === 0) over?.();
      });
      if (over !== undefined) response.setHeader("connection", "close");
    },
    end(act: () => void): void {
      over = act;
      if (requests === 0) act();
    },
  };
}

// A path that some router would read in another way is none of ours: `//`, `..`, `%2f`, `;`, an absolute form with a host of its own.
const refusalOf = (url: string): Refusal | undefined => (isPlainPath(url) ? undefined : url.startsWith("//") ? twoSlashes : noPath);
const isPlainPath = (url: string): boolean => /^\/(?:[a-z0-9-][a-z0-9.-]*\/)*(?:[a-z0-9-][a-z0-9.-]*)?(?:\?|$)/iu.test(url);

function listen(server: Server, { host, port }: ServeOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? "something else listens there"
          : error.code === "EACCES"
            ? "permission denied"
            : "the system refused it";
      reject(
        new UscError(error.code === "EADDRINUSE" ? "conflict" : "usage", `The gateway cannot listen on ${host}:${port}: ${why}.`, {
          hint: "Choose another --listen; port 0 takes a free one.",
        }),
      );
    });
    server.listen({ host, port }, () => resolve(portOf(server)));
  });
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};
