import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { UscError } from "../kernel/errors.ts";
import { type Flags, last } from "./gateway-flags.ts";

interface Tls {
  cert: Buffer;
  key: Buffer;
}

/** Where the gateway listens. Beyond this machine with TLS alone: whoever is on the way would read secrets. */
export async function placeOf(
  flags: Flags,
): Promise<{ host: string; port: number; tls: Tls | undefined; allowedHosts: readonly string[] }> {
  const [, name = "", digits = ""] = /^(\[[0-9a-f:.]+\]|[^:\s]+):(\d{1,5})$/iu.exec(last(flags, "listen") ?? "127.0.0.1:8000") ?? [];
  if (name === "" || Number(digits) > 65_535) {
    throw new UscError("usage", "--listen is not valid: expected HOST:PORT.", { hint: "For example 127.0.0.1:8000" });
  }
  const bare = name.replace(/^\[|\]$/gu, "");
  // Looked up once: what is judged is what is listened on, wherever the name leads later.
  const host = isIP(bare) === 0 ? await addressOf(bare) : bare;
  const tls = tlsOf(flags);
  if (tls === undefined && !isLoopback(host) && last(flags, "insecure-listen") !== "true") {
    throw new UscError("usage", `${name} can be reached from other machines, and there is no TLS.`, {
      hint: "Give --tls-cert and --tls-key; behind a proxy that does TLS, --insecure-listen.",
    });
  }
  return { host, port: Number(digits), tls, allowedHosts: [...(host === bare ? [] : [bare]), ...flags("allowed-host").map(hostName)] };
}

/** As a client says it in `Host`: a name that could never come there would be allowed in vain. */
function hostName(given: string): string {
  const [, port] = /^(?:\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)*)(?::(\d{1,5}))?$/iu.exec(given) ?? [given, "none"];
  if (Number(port ?? 0) <= 65_535) return given;
  throw new UscError("usage", "--allowed-host is not valid: expected NAME or NAME:PORT.", { hint: "For example vault.example.org" });
}

async function addressOf(name: string): Promise<string> {
  try {
    return (await lookup(name)).address;
  } catch {
    throw new UscError("usage", `--listen is not valid: ${name} is the name of no address here.`, { hint: "For example 127.0.0.1:8000" });
  }
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

const isLoopback = (address: string): boolean => loopback.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

/** Certificate and key, seen to fit each other. */
export function tlsOf(flags: Flags): Tls | undefined {
  const [cert, key] = [last(flags, "tls-cert"), last(flags, "tls-key")];
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new UscError("usage", "--tls-cert and --tls-key go together.");
  const tls = { cert: read(cert, "tls-cert"), key: read(key, "tls-key") };
  try {
    createSecureContext(tls);
  } catch {
    throw new UscError("usage", "The TLS certificate and key cannot be used: they are no PEM, or do not belong together.", {
      hint: "--tls-cert has the certificate first and its chain behind it; the key is not encrypted.",
    });
  }
  return tls;
}

function read(path: string, flag: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new UscError("usage", `--${flag} cannot be read.`, { hint: "Check the path and its permissions." });
  }
}
