import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Outside } from "./app.ts";
import { systemClock } from "./kernel/clock.ts";
import type { Duty } from "./kernel/duty.ts";
import { once } from "./kernel/once.ts";
import { present } from "./kernel/present.ts";
import type { Desk, Settings } from "./features/duties/deps.ts";

/** The duties by room. */
const rooms: Record<string, (outside: Outside, settings: Settings) => Promise<Duty[]>> = {
  audit: async ({ store }, settings) => {
    const { retention } = await import("./features/audit/retention.ts");
    return [retention({ book: store.audit, retention: settings["audit-retention"] })];
  },
  access: async ({ store }) => {
    const { tokenSweep } = await import("./features/access/sweep.ts");
    return [tokenSweep({ store })];
  },
  expiry: async ({ store, environment, onCall }, settings) => {
    const { expiryNotice } = await import("./features/expiry/notice.ts");
    const { openVault } = await import("./features/connectors/open.ts");
    const { outbox } = await import("./features/events/outbox.ts");
    const { azureObjects } = await import("./adapters/azure/index.ts");
    const clock = systemClock;
    return [
      expiryNotice({
        store,
        clock,
        adapter: azureObjects({ store, clock, environment, onCall }),
        openVault: openVault(store),
        outbox: outbox({ store, clock }),
        notifyBefore: settings["notify-before"],
      }),
    ];
  },
  rotation: async (outside) => {
    const { rotation } = await import("./features/rotation/duty.ts");
    const { rotationEngine } = await import("./rotation-engine.ts");
    return [rotation({ ...(await rotationEngine(outside)), warn() {} })];
  },
  events: async ({ store }) => {
    const { duties } = await import("./features/events/index.ts");
    return duties({ store, clock: systemClock, webhook: async () => (await import("./adapters/webhook/index.ts")).webhooks() });
  },
};

/** Every duty over an outside. What is not given is as in the environment. */
export function dutiesOf(outside: Outside): (given: Settings) => Promise<Duty[]> {
  const { USC_AUDIT_RETENTION, USC_NOTIFY_BEFORE } = outside.environment;
  const usual = { "audit-retention": USC_AUDIT_RETENTION || undefined, "notify-before": USC_NOTIFY_BEFORE || undefined };
  return async (given) => {
    const settings = { ...usual, ...present(given) };
    return (await Promise.all(Object.values(rooms).map((room) => room(outside, settings)))).flat();
  };
}

/** Who dies, or is paused, blocks a duty no longer than this. */
const leaseMs = 60_000;
const holder = once(() => `${hostname()} pid ${process.pid} ${randomUUID().slice(0, 8)}`);

export const deskOf = ({ store }: Pick<Outside, "store">): Desk => ({
  store,
  clock: systemClock,
  holder: holder(),
  random: Math.random,
  leaseMs,
});
