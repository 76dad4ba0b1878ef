import type { Identity, Wish } from "../targets/port.ts";
import type { Vault } from "../connectors/port.ts";

/**
 * One layer after the other of the way to a vault, looked at on the very way that every call takes. Each fails with the `UscError` that a call would
 * fail with there. Made anew for each check: what one step has found out may serve the next.
 */
export interface Diagnosis {
  /** `host:port` of the proxy on the way, if there is one; then `dns` and `tcp` are about the proxy, which looks the vault's name up itself. */
  proxy(vault: Vault): string | undefined;
  /** Addresses. */
  dns(vault: Vault): Promise<readonly string[]>;
  tcp(vault: Vault): Promise<void>;
  /** Through the proxy, if there is one. */
  tunnel(vault: Vault): Promise<void>;
  tls(vault: Vault): Promise<void>;
  /** Always a new login. */
  login(vault: Vault): Promise<Identity>;
  challenge(vault: Vault): Promise<Wish>;
  /** How many certificates the first page has. */
  certificates(vault: Vault): Promise<number>;
}
