import { UscError } from "../../kernel/errors.ts";
import { type Failure, type Kind, sentenceOf } from "../network/failures.ts";

/** Whom a request was for. */
export interface Peer {
  /** `https://host[:port]`. */
  origin: string;
  is: "vault" | "login" | "arm" | "graph";
}

const hostOf = ({ origin }: Peer): string => origin.slice("https://".length);

const hosts = { arm: "ARM", graph: "Microsoft Graph", login: "login" } as const;

function noSuchHost(peer: Peer): string {
  const host = hostOf(peer);
  return peer.is === "vault"
    ? `The vault ${host.split(".", 1)[0]} does not exist: the name ${host} cannot be resolved.`
    : `The ${hosts[peer.is]} host ${host} does not exist: its name cannot be resolved.`;
}

const hints: Readonly<Record<Kind, string>> = {
  refused: "Check the address, and whether something listens there. A local Azure runs as long as `usc emulator start` does.",
  "no-route": "Check this machine's network, and the VPN if the host is behind one.",
  unresolved: "Check the name and the cloud. A vault with a private endpoint is known to its own network's DNS alone.",
  "no-dns": "Check this machine's network and name servers.",
  untrusted:
    "A cloud of your own needs its CA: `usc cloud register --ca-file`. For a proxy that opens TLS set NODE_EXTRA_CA_CERTS, or NODE_USE_SYSTEM_CA=1 if this machine knows its CA.",
  "proxy-refused": "Check HTTPS_PROXY; hosts in NO_PROXY are reached without it.",
  "proxy-unresolved": "Check HTTPS_PROXY; hosts in NO_PROXY are reached without it.",
  "proxy-login": "Put them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT.",
  proxy: "A proxy that does not know the name says so as well: check the vault's name, HTTPS_PROXY and NO_PROXY.",
  reset: "Repeat the command.",
  timeout: "Repeat the command, or give it longer with --timeout. A firewall that drops packets looks the same.",
  "no-time": "Give it longer with --timeout.",
  "too-large": "Check the address.",
  encoded: "Check the address, and the proxy if there is one.",
  malformed: "Check the address, and the proxy if there is one.",
};

/** `effect`: what a lost answer leaves unknown, e.g. `whether the secret was written`; undefined for a read. */
export function unreachable(failure: Failure, peer: Peer, effect?: string): UscError {
  const sentence = failure.kind === "unresolved" ? noSuchHost(peer) : sentenceOf(failure, hostOf(peer));
  return effect !== undefined && failure.sent
    ? lost(sentence, effect)
    : new UscError("unavailable", sentence, { hint: hints[failure.kind] });
}

/** The answer to a write does not tell what became of it. */
export function lost(sentence: string, effect: string, requestId?: string): UscError {
  return new UscError("unavailable", `${sentence} It is unknown ${effect}.`, {
    hint: "Look before you repeat the command.",
    requestId,
    reason: "lost",
  });
}
