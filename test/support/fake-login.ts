import type { Login, Wish } from "../../src/features/targets/port.ts";
import { UscError } from "../../src/kernel/errors.ts";
import { present } from "../../src/kernel/present.ts";

/** Entra and vaults that know every target, but for what the switches say. */
export function fakeLogin() {
  const seen: string[] = [];
  const switches: { refuse?: UscError; foreign?: string } = {};
  const login: Login = {
    identify: async (cloud, target, limits) => {
      seen.push(`login ${target.name} ${limits?.maxRetries ?? "-"}`);
      if (switches.refuse) throw switches.refuse;
      const { "tenant-id": tenant, "client-id": client } = target;
      return { ...present({ tenant, client }), objectId: "oid-1", audience: cloud["key-vault-audience"], expires: Date.UTC(2026, 0, 1, 1) };
    },
    wish: async (cloud, target, url, onWish) => {
      seen.push(`ask ${url}`);
      const wish: Wish = {
        login: cloud["authority-host"],
        tenant: target["tenant-id"] ?? "unstated",
        audience: cloud["key-vault-audience"],
      };
      onWish(url === switches.foreign ? { ...wish, tenant: "another" } : wish);
      if (url === switches.foreign)
        throw new UscError("unauthenticated", `${url} belongs to another tenant.`, { hint: "Use another target." });
    },
  };
  return { login, seen, switches };
}
