import { BlockList, isIP } from "node:net";
import type { IncomingMessage } from "node:http";
import { UscError } from "../../kernel/errors.ts";
import { unmapped } from "./hosts.ts";

// No chain of proxies is longer; what stands before is not even looked at.
const mostHops = 20;

/** Says where a request comes from: the peer, or behind proxies that are trusted the last address that is none of them. */
export function sources(cidrs: readonly string[]): (incoming: IncomingMessage) => string {
  const trusted = new BlockList();
  for (const cidr of cidrs) add(trusted, cidr);
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return ({ socket, headers }) => {
    const peer = plainAddress(socket.remoteAddress ?? "") ?? "unknown";
    if (cidrs.length === 0 || peer === "unknown") return peer;
    let address = peer;
    // Each proxy writes at the end whom it heard: what stands before a stranger is his own word.
    const hops = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",").slice(-mostHops);
    while (isTrusted(address)) {
      const before = plainAddress(hops.pop() ?? "");
      if (before === undefined) return address;
      address = before;
    }
    return address;
  };
}

function add(list: BlockList, cidr: string): void {
  const [, address = "", digits] = /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/iu.exec(cidr) ?? [];
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const prefix = digits === undefined ? most : Number(digits);
  if (version === 0 || prefix > most) {
    throw new UscError("usage", "--trusted-proxy is not valid: expected an address or a range of addresses.", {
      hint: "For example 10.0.0.0/8 or fd00::/8",
    });
  }
  list.addSubnet(address, prefix, version === 6 ? "ipv6" : "ipv4");
}

/** As `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`; undefined for what is no address. */
function plainAddress(given: string): string | undefined {
  const text = given.trim().slice(0, 100);
  const bare = /^\[([^\]]+)\](?::\d+)?$/u.exec(text)?.[1] ?? /^([\d.]+):\d+$/u.exec(text)?.[1] ?? text;
  if (isIP(bare) === 0) return undefined;
  return unmapped(bare.replace(/%.*$/u, "").toLowerCase());
}

/** Whom a source counts as when mistakes are counted: whoever has one IPv6 address has all of its /64. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
