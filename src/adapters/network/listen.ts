import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { encoded, type Failure, failureOf, tooLarge } from "./failures.ts";

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Outcome = { reply: Reply; failure?: undefined } | { reply?: undefined; failure: Failure };

interface Hearing {
  /** TLS is under way, or the request has ended. Node says hello after TCP's `connect` event, and work begun before would keep it from that. */
  begun: Promise<void>;
  /** Never rejects. */
  outcome: Promise<Outcome>;
  /** Hangs up, and says why if there is a reason. */
  end: (code?: string) => void;
}

/** What comes of a request. `onReached`: the connection stands, and with it what is wanted of TLS. */
export function listen(outgoing: ClientRequest, limit: number, proxy: string | undefined, onReached = (): void => {}): Hearing {
  const { promise: outcome, resolve } = Promise.withResolvers<Outcome>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let reached = false;
  const fail = (thrown: { code?: string | undefined; statusCode?: number }): void => {
    resolve({ failure: failureOf(thrown, reached, proxy) });
    begin();
  };
  outgoing.once("socket", (socket) => {
    const stands = (): void => {
      reached = true;
      onReached();
    };
    if ("secureConnecting" in socket && socket.secureConnecting === true) socket.once("secureConnect", stands);
    else if (socket.connecting) socket.once("connect", stands);
    else stands();
    if (socket.connecting) socket.once("connect", () => setImmediate(begin));
    else begin();
  });
  outgoing.on("error", (error: NodeJS.ErrnoException & { statusCode?: number }) => fail(error));
  // An answer that switches protocols, for one, ends without an error.
  const closed = (): void => fail({});
  outgoing.on("close", closed);
  outgoing.once("response", (incoming) => {
    // From here on the answer tells how it ended; the request's close may overtake it.
    outgoing.off("close", closed);
    collect(incoming, limit).then(
      (body) => resolve({ reply: { status: incoming.statusCode ?? 0, headers: incoming.headers, body } }),
      (code: unknown) => {
        fail(typeof code === "string" ? { code } : {});
        outgoing.destroy();
      },
    );
  });
  return {
    begun,
    outcome,
    end(code) {
      // Said here: a request whose agent is still connecting does not tell of its own end, and its agent would keep what comes of it for the next one.
      fail({ code });
      outgoing.shouldKeepAlive = false;
      outgoing.destroy();
    },
  };
}

// Rejects with a code, not an error: an error of the network may lead to the request, and that holds the token.
function collect(incoming: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject: (code: string | undefined) => void) => {
    // None was asked for, so this is either a mistake or a bomb.
    if ((incoming.headers["content-encoding"] ?? "identity") !== "identity") return reject(encoded);
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) reject(tooLarge);
      else chunks.push(chunk);
    });
    incoming.on("end", () => (incoming.complete ? resolve(Buffer.concat(chunks).toString()) : reject(undefined)));
    incoming.on("error", (error: NodeJS.ErrnoException) => reject(error.code));
    incoming.on("close", () => reject(undefined));
  });
}
