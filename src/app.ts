import { connectorsOf } from "./features/connectors/find.ts";
import type { Audit, Ledger, Seen } from "./kernel/audit.ts";
import { systemClock } from "./kernel/clock.ts";
import { commandsOf, type Manifest } from "./kernel/manifest.ts";
import type { Operation } from "./kernel/operation.ts";
import { itemPath } from "./kernel/paths.ts";
import type { May, Rights } from "./kernel/rights.ts";
import type { Shape } from "./kernel/shape.ts";
import type { Steps } from "./kernel/steps.ts";
import type { Store } from "./kernel/store.ts";
import type { AuditBook } from "./features/audit/port.ts";
import type { StateKeeper } from "./features/state/port.ts";
import type { OpenVault } from "./features/objects/port.ts";
import type { X509 } from "./features/objects/x509-port.ts";
import type { Call } from "./adapters/azure/index.ts";

export interface AppOptions {
  /** Absolute path of $USC_HOME. */
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
  onCall?: ((call: Call) => void) | undefined;
  steps: Steps;
  /** Certificates and their keys; by default in this thread. */
  x509?: () => Promise<X509>;
  /** `record-shapes.ts`, as it was at build time. */
  shapes?: Readonly<Record<string, Shape>>;
}

export type State = Store & StateKeeper & { audit: Audit & AuditBook };

export interface Outside extends AppOptions {
  store: State;
  /** Of the call that is under way. */
  seen: () => Seen;
  /** What the caller may do; undefined for the user of this machine. */
  rights: () => Rights | undefined;
  /** The network that the caller reaches us from; undefined for the user of this machine. */
  source: () => string | undefined;
}

const x509InThisThread = async (): Promise<X509> => (await import("./adapters/x509/index.ts")).x509;

/** The rooms by name. Each loads its own code, so that a call pays for one room. */
const rooms: Record<string, (outside: Outside) => Promise<Operation[]>> = {
  targets: async ({ store, environment, onCall, steps, rights, x509 = x509InThisThread }) => {
    const { operations } = await import("./features/targets/index.ts");
    const azure = { store, clock: systemClock, environment, onCall };
    return operations({
      store,
      clock: systemClock,
      steps,
      may: mayOf(rights),
      users: { of: connectorsOf(store) },
      readClientCertificate: async (bytes, password) =>
        (await import("./adapters/azure/client-certificate.ts")).clientCertificateReader(await x509())(bytes, password),
      login: async () => (await import("./adapters/azure/login.ts")).azureLogin(azure),
      finder: async () => (await import("./adapters/azure/arm.ts")).azureVaultFinder(azure),
    });
  },
  profiles: async ({ store }) => {
    const { operations } = await import("./features/profiles/index.ts");
    const { gatewayAddress, placeOf } = await import("./adapters/gateway/address.ts");
    return operations({ store, address: (given, insecure) => gatewayAddress(placeOf(given, insecure)) });
  },
  state: async ({ store, steps }) => {
    const { operations } = await import("./features/state/index.ts");
    const { tokens } = await import("./features/access/model.ts");
    return operations({ keeper: store, steps, sessions: [tokens.name] });
  },
  connectors: async ({ store, rights }) => {
    const { operations } = await import("./features/connectors/index.ts");
    const { vaultUrl } = await import("./adapters/azure/vault-url.ts");
    return operations({ store, clock: systemClock, vaultAddress: vaultUrl, may: mayOf(rights) });
  },
  audit: async ({ store }) => (await import("./features/audit/index.ts")).operations({ book: store.audit, clock: systemClock }),
  objects: async ({ store, environment, onCall, steps, seen, x509 = x509InThisThread }) => {
    const { operations } = await import("./features/objects/index.ts");
    const { openVault } = await import("./features/connectors/open.ts");
    const { azureVaults } = await import("./adapters/azure/index.ts");
    const { objectReference } = await import("./adapters/azure/object-reference.ts");
    const { secrets, certificates } = azureVaults({ store, clock: systemClock, environment, onCall });
    return operations({
      adapter: secrets,
      certificates,
      x509,
      store,
      clock: systemClock,
      steps,
      openVault: seenBy(openVault(store), seen),
      readReference: objectReference,
    });
  },
  transfer: async ({ store, environment, onCall, steps, seen }) => {
    const { operations } = await import("./features/transfer/index.ts");
    const { openVault } = await import("./features/connectors/open.ts");
    const { azureObjects } = await import("./adapters/azure/index.ts");
    const adapter = azureObjects({ store, clock: systemClock, environment, onCall });
    const readYaml = async (text: string) => (await import("./adapters/yaml/index.ts")).readYaml(text);
    return operations({ adapter, clock: systemClock, steps, openVault: seenBy(openVault(store), seen), readYaml });
  },
  expiry: async ({ store, environment, onCall, seen }) => {
    const { operations } = await import("./features/expiry/index.ts");
    const { openVault } = await import("./features/connectors/open.ts");
    const { azureObjects } = await import("./adapters/azure/index.ts");
    const adapter = azureObjects({ store, clock: systemClock, environment, onCall });
    return operations({ adapter, clock: systemClock, openVault: seenBy(openVault(store), seen) });
  },
  access: async ({ store, rights, source }) => {
    const { operations } = await import("./features/access/index.ts");
    const { throttle } = await import("./features/access/throttle.ts");
    return operations({ store, clock: systemClock, granting: rights, throttle: throttle(systemClock), source });
  },
  duties: async (outside) => {
    const { operations } = await import("./features/duties/index.ts");
    const { deskOf, dutiesOf } = await import("./duties.ts");
    return operations({ ...deskOf(outside), steps: outside.steps, duties: dutiesOf(outside) });
  },
  events: async ({ store }) => {
    const { operations } = await import("./features/events/index.ts");
    return operations({ store, clock: systemClock, webhook: async () => (await import("./adapters/webhook/index.ts")).webhooks() });
  },
  doctor: async ({ store, environment, onCall, seen }) => {
    const { operations } = await import("./features/doctor/index.ts");
    const { openVault } = await import("./features/connectors/open.ts");
    const { azureObjects } = await import("./adapters/azure/index.ts");
    const { azureDiagnosis } = await import("./adapters/azure/diagnosis.ts");
    const options = { store, clock: systemClock, environment, onCall };
    return operations({
      clock: systemClock,
      openVault: seenBy(openVault(store), seen),
      adapter: azureObjects(options),
      diagnose: () => azureDiagnosis(options),
    });
  },
};

const mayOf =
  (rights: Outside["rights"]): May =>
  (...asked) =>
    rights()?.may(...asked) ?? true;

/** Remembers through what, and as whom, a vault was opened. */
const seenBy =
  (open: OpenVault, seenNow: () => Seen): OpenVault =>
  async (name, limits) => {
    const seen = seenNow();
    // Before it is looked for: who may not open it does not learn whether it is there.
    seen.mayOpen?.(itemPath(name, "connector"));
    const vault = await open(name, limits);
    seen.item = vault.connector.name;
    seen.identity = vault.target.name;
    return vault;
  };

/** The operations of one room, over the store in `home`, and what their calls are audited with: one call at a time. */
export async function openRoom(name: string, options: AppOptions): Promise<{ operations: Operation[]; ledger: Ledger }> {
  const store = await openState(options);
  const seen: Seen = {};
  const outside = { ...options, store, seen: () => seen, rights: () => undefined, source: () => undefined };
  return { operations: await roomOf(name, outside), ledger: { audit: store.audit, clock: systemClock, seen } };
}

/** The operations of one room over an outside. */
export function roomOf(name: string, outside: Outside): Promise<Operation[]> {
  const room = rooms[name];
  if (room === undefined) throw new TypeError(`${name}: no such room`);
  const onCall = (call: Call): void => {
    if (call.requestId !== undefined) outside.seen().request_id = call.requestId;
    outside.onCall?.(call);
  };
  return room({ ...outside, onCall });
}

export async function openState(
  { home, environment, shapes }: Pick<AppOptions, "home" | "environment" | "shapes">,
  life: "short" | "long" = "short",
): Promise<State> {
  const { openStore } = await import("./adapters/state/index.ts");
  return openStore({ home, masterKey: environment["USC_MASTER_KEY"], shapes, life });
}

/** Every command as plain data: for the build, the reference and the tests. Only `run` touches the store, and nothing runs. */
export async function describe(): Promise<Manifest> {
  const unused = (): never => {
    throw new TypeError("a description opens no store");
  };
  const collection = { get: unused, list: unused, count: unused, put: unused, remove: unused, touch: unused };
  const nothing = {
    home: "",
    environment: {},
    steps: { at: unused, pause: unused, confirm: unused, warn: unused, stopping: unused },
    seen: () => ({}),
    rights: () => undefined,
    source: () => undefined,
    store: {
      collection: () => collection,
      commit: unused,
      nextId: unused,
      rotateKey: unused,
      backup: unused,
      restore: unused,
      audit: { intend: unused, close: unused, note: unused, pages: unused, verify: unused, prune: unused },
    },
  };
  const described = await Promise.all(Object.entries(rooms).map(async ([name, room]) => commandsOf(name, await room(nothing))));
  return described.flat();
}
