import { UscError } from "../../kernel/errors.ts";

/** What a cloud's record says about its hosts. */
interface CloudHosts {
  name: string;
  "authority-host": string;
  "key-vault-suffix": string;
}

// No URL parser: it would mend what is typed (full-width dots, backslashes, userinfo), and what is mended is no longer what the user checked.
const origin = /^https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?$/i;
const vaultLabel = /^[a-z](?:[a-z0-9-]{1,22})[a-z0-9]$/;

export interface Origin {
  /** Lower case; IPv6 in brackets. */
  host: string;
  port: number;
}

/** The parts of `https://host[:port]`, or undefined for anything else. */
export function parseOrigin(url: string): Origin | undefined {
  const match = origin.exec(url);
  const host = match?.[1]?.toLowerCase();
  const port = Number(match?.[2] ?? 443);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

export function formatOrigin({ host, port }: Origin): string {
  return port === 443 ? `https://${host}` : `https://${host}:${port}`;
}

const bareLoopback = new Set(["127.0.0.1", "[::1]", "localhost"]);

export function isLoopback(host: string): boolean {
  return bareLoopback.has(host) || host.endsWith(".localhost");
}

/** Whether a cloud lives on this machine: then its vaults may also be reached by the bare loopback host. */
export function isLocalCloud(cloud: Pick<CloudHosts, "authority-host">): boolean {
  const authority = parseOrigin(cloud["authority-host"]);
  return authority !== undefined && isLoopback(authority.host);
}

/**
 * The normal form `https://host[:port]` of a vault's address. Throws `usage` unless it is https, one label, a dot and the cloud's suffix. A cloud
 * whose authority is on loopback also has its vaults at 127.0.0.1, [::1] and localhost, at any port.
 */
export function vaultUrl(cloud: CloudHosts, given: { name: string } | { url: string }): { url: string; name: string } {
  const suffix = parseOrigin(`https://${cloud["key-vault-suffix"]}`);
  if (suffix === undefined) throw new UscError("usage", `The Key Vault suffix of the cloud ${cloud.name} is not a host name.`);

  if ("name" in given) {
    const name = given.name.toLowerCase();
    if (!vaultLabel.test(name)) throw badName();
    return { url: formatOrigin({ host: `${name}.${suffix.host}`, port: suffix.port }), name };
  }

  const parsed = parseOrigin(given.url.endsWith("/") ? given.url.slice(0, -1) : given.url);
  if (parsed !== undefined) {
    if (bareLoopback.has(parsed.host) && isLocalCloud(cloud)) return { url: formatOrigin(parsed), name: parsed.host };
    const name = parsed.host.slice(0, -suffix.host.length - 1);
    if (parsed.host === `${name}.${suffix.host}` && vaultLabel.test(name) && parsed.port === suffix.port)
      return { url: formatOrigin(parsed), name };
  }
  throw new UscError("usage", `The vault's URL is not one of the cloud ${cloud.name}.`, {
    hint: `A vault of this cloud is https://NAME.${cloud["key-vault-suffix"]}.`,
  });
}

function badName(): UscError {
  return new UscError("usage", "The vault's name is not a Key Vault name.", {
    hint: "3 to 24 letters, digits and dashes; it begins with a letter and does not end with a dash.",
  });
}
