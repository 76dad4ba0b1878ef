import type { IncomingMessage } from "node:http";
import { UscError } from "../../kernel/errors.ts";

/** A page in a browser may not speak for whoever reads it: no form can send JSON or a token's header, and no other site is heard. */
export function refuseCrossSite({ headers }: IncomingMessage): void {
  const { origin, host, "sec-fetch-site": site, "content-type": type = "", authorization } = headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) throw foreign();
  if (site !== undefined && site !== "same-origin" && site !== "none") throw foreign();
  if (authorization === undefined && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/iu.test(type)) {
    throw new UscError("usage", "The gateway takes application/json.", { hint: "Set Content-Type: application/json." });
  }
}

const foreign = (): UscError => new UscError("gateway_forbidden", "The gateway does not answer to pages of other sites.");
