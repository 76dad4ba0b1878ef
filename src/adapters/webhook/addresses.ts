import { BlockList, isIP, isIPv6 } from "node:net";

/** Who can be at an address: anybody; somebody in this network, or on this machine; or what no webhook may speak to. */
export type Reach = "public" | "private" | "loopback" | "never";

// IANA's special-purpose registries, and where clouds put what speaks for a machine.
const ranges: readonly (readonly [Exclude<Reach, "public">, ...string[]])[] = [
  [
    "never",
    "0.0.0.0/8",
    // Link-local: the metadata of every cloud.
    "169.254.0.0/16",
    // Azure's wire server; Alibaba's metadata.
    "168.63.129.16/32",
    "100.100.100.200/32",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    // AWS' and Google's metadata.
    "fd00:ec2::254/128",
    "fd20:ce::254/128",
    // Tunnels, which carry another address in theirs; names for keys; documentation.
    "2001::/32",
    "2002::/16",
    "2001:10::/27",
    "2001:db8::/32",
    "3fff::/20",
  ],
  ["loopback", "127.0.0.0/8", "::1/128"],
  ["private", "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "fc00::/7"],
];

/** What NAT64 makes of an IPv4 address. */
const nat64 = "64:ff9b::";

const lists = ranges.map(([reach, ...nets]) => {
  const list = new BlockList();
  for (const net of nets) {
    const [address = "", bits = ""] = net.split("/");
    list.addSubnet(address, Number(bits), isIPv6(address) ? "ipv6" : "ipv4");
    if (!isIPv6(address)) list.addSubnet(`${nat64}${address}`, 96 + Number(bits), "ipv6");
  }
  return { reach, list };
});

/** Of IPv6 what was given out, and IPv4 in its two disguises. */
const given = new BlockList();
given.addSubnet("2000::", 3, "ipv6");
given.addSubnet("::ffff:0:0", 96, "ipv6");
given.addSubnet(nat64, 96, "ipv6");

export function reachOf(address: string): Reach {
  const [bare = ""] = address.split("%", 1);
  if (isIP(bare) === 0) return "never";
  const family = isIPv6(bare) ? "ipv6" : "ipv4";
  const found = lists.find(({ list }) => list.check(bare, family));
  if (found !== undefined) return found.reach;
  return family === "ipv4" || given.check(bare, "ipv6") ? "public" : "never";
}
