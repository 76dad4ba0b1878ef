import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { getRequestListener } from "@hono/node-server";
import { UscError } from "../../kernel/errors.ts";
import { gateway, type GatewayOptions } from "./gateway.ts";
import { hostsOf, isOurHost } from "./hosts.ts";

export interface ServeOptions extends Omit<GatewayOptions, "isReady"> {
  host: string;
  port: number;
  tls?: { cert: Buffer; key: Buffer } | undefined;
  /** Names beside the address that clients may call the gateway by. */
  allowedHosts: readonly string[];
}

export interface Serving {
  url: string;
  /** New certificates, for the next handshake. */
  reload(tls: { cert: Buffer; key: Buffer }): void;
  /** Takes no new work, and resolves when what runs has ended. */
  stop(): Promise<void>;
}

const limits = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 };
const mostSockets = 1000;

export async function serve(options: ServeOptions): Promise<Serving> {
  let stopping = false;
  let hosts: ReadonlySet<string> = new Set();
  const listener = getRequestListener(gateway({ ...options, isReady: () => !stopping }).fetch, { overrideGlobalObjects: false });
  const guarded: RequestListener = (request, response) => {
    if (isOurHost(request, hosts)) {
      void listener(request, response);
      return;
    }
    response.writeHead(421, { "content-type": "application/json", connection: "close" });
    response.end(
      JSON.stringify({ error: "The gateway is not called by this host name.", code: "usage", hint: "--allowed-host adds a name." }),
    );
  };
  const server =
    options.tls === undefined
      ? createServer(limits, guarded)
      : createSecureServer({ ...limits, ...options.tls, minVersion: "TLSv1.2" }, guarded);
  server.maxConnections = mostSockets;
  const port = await listen(server, options);
  const secure = options.tls !== undefined;
  hosts = hostsOf([nameOf(options.host), ...(isAny(options.host) ? [] : ["localhost"]), ...options.allowedHosts], port, secure);
  return {
    url: `${secure ? "https" : "http"}://${nameOf(options.host)}:${port}`,
    reload: (tls) => void ("setSecureContext" in server && server.setSecureContext(tls)),
    stop: () =>
      new Promise((resolve) => {
        stopping = true;
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

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

const isAny = (host: string): boolean => host === "0.0.0.0" || host === "::";
const nameOf = (host: string): string => (host.includes(":") ? `[${host}]` : host);
