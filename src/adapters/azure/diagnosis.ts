import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import * as z from "zod/mini";
import type { Vault } from "../../features/connectors/port.ts";
import type { Diagnosis } from "../../features/doctor/port.ts";
import { refusal } from "./errors.ts";
import { expired, failureOf } from "../network/failures.ts";
import { unreachable } from "./failures.ts";
import { type AzureOptions, openSession } from "./index.ts";
import { askAndJudge, identify } from "./login.ts";
import { proxyFor } from "../network/proxy.ts";
import { answered } from "./read.ts";
import { call, patienceOf } from "./session.ts";
import type { Outcome } from "./transport.ts";
import { isLoopback, parseOrigin, type Origin } from "./vault-url.ts";

const CertificatesPage = () => z.object({ value: z.array(z.unknown()) });

export function azureDiagnosis(options: AzureOptions): Diagnosis {
  const session = openSession(options);
  const proxyOf = (vault: Vault) => {
    const place = originOf(vault);
    return isLoopback(place.host) ? undefined : proxyFor(options.environment, place);
  };
  const withinOf = (vault: Vault): number => Math.min(session.perRequestMs, patienceOf(session, vault).deadline - session.clock.now());
  const failed = (vault: Vault, code: string | undefined) =>
    unreachable(failureOf({ code }, false, proxyOf(vault)?.name), { origin: vault.url, is: "vault" });

  // One request tells of the tunnel and of TLS, on the connection that the steps behind it use on.
  let reached: Promise<Outcome> | undefined;
  const reach = (vault: Vault): Promise<Outcome> => {
    const withinMs = withinOf(vault);
    const ask = { method: "GET", origin: vault.url, path: "/secrets?api-version=7.4", limit: 64 * 1024, withinMs };
    return (reached ??= session.transport(vault.cloud, ask).send({ headers: { accept: "application/json" } }, withinMs));
  };

  return {
    proxy: (vault) => proxyOf(vault)?.name,
    async dns(vault) {
      const { host } = proxyOf(vault) ?? originOf(vault);
      if (isLoopback(host)) return ["this machine"];
      try {
        return (await lookup(host, { all: true })).map(({ address }) => address);
      } catch (error) {
        throw failed(vault, codeOf(error));
      }
    },
    async tcp(vault) {
      const { host, port } = proxyOf(vault) ?? originOf(vault);
      const code = await knock(isLoopback(host) && host !== "[::1]" ? "127.0.0.1" : host.replace(/^\[|\]$/g, ""), port, withinOf(vault));
      if (code !== "open") throw failed(vault, code);
    },
    async tunnel(vault) {
      const { failure } = await reach(vault);
      if (failure?.kind.startsWith("proxy") === true) throw unreachable(failure, { origin: vault.url, is: "vault" });
    },
    async tls(vault) {
      const { failure } = await reach(vault);
      if (failure !== undefined) throw unreachable(failure, { origin: vault.url, is: "vault" });
    },
    async login({ cloud, target, limits }) {
      return identify(session, { cloud, target, limits });
    },
    async challenge(vault) {
      const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Diagnosis["challenge"]>>>();
      await askAndJudge(session, vault, resolve);
      return promise;
    },
    async certificates(vault) {
      const reply = await call(session, vault, { method: "GET", path: "/certificates?api-version=7.4&maxresults=1" });
      if (reply.status !== 200) throw refusal(reply, vault, undefined, "certificate");
      return answered(CertificatesPage, reply, vault).value.length;
    },
  };
}

const originOf = ({ url }: Vault): Origin => parseOrigin(url) ?? { host: "", port: 0 };

/** Resolves with `open`, or with the code of what went wrong. */
function knock(host: string, port: number, withinMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (code: string | undefined): void => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(Math.max(1, withinMs), () => end(expired));
    socket.once("connect", () => end("open"));
    socket.once("error", (error) => end(codeOf(error)));
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
