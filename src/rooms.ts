import type { Call } from "./adapters/azure/index.ts";
import type { Outside } from "./app.ts";
import { connectorsOf } from "./features/connectors/find.ts";
import type { OpenVault } from "./features/objects/port.ts";
import type { X509 } from "./features/objects/x509-port.ts";
import type { Seen } from "./kernel/audit.ts";
import { systemClock } from "./kernel/clock.ts";
import type { Operation } from "./kernel/operation.ts";
import { itemPath } from "./kernel/paths.ts";
import type { May } from "./kernel/rights.ts";

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

/** The rooms by name. Each loads its own code, so that a call pays for one room. */
export const rooms: Readonly<Record<string, (outside: Outside) => Promise<Operation[]>>> = {
  async targets({ x509 = x509InThisThread, ...outside }) {
    const { operations } = await import("./features/targets/index.ts");
    const { rotatedOf } = await import("./features/rotation/find.ts");
    const { store, steps, rights } = outside;
    return operations({
      store,
      clock: systemClock,
      steps,
      may: mayOf(rights),
      users: { of: async (target) => [...(await connectorsOf(store)(target)), ...(await rotatedOf(store)(target))] },
      readClientCertificate: async (bytes, password) =>
        (await import("./adapters/azure/client-certificate.ts")).clientCertificateReader(await x509())(bytes, password),
      login: async () => (await import("./adapters/azure/login.ts")).azureLogin(azureOf(outside)),
      finder: async () => (await import("./adapters/azure/arm.ts")).azureVaultFinder(azureOf(outside)),
    });
  },
  async profiles({ store }) {
    const { operations } = await import("./features/profiles/index.ts");
    const { gatewayAddress, placeOf } = await import("./adapters/gateway/address.ts");
    return operations({ store, address: (given, insecure) => gatewayAddress(placeOf(given, insecure)) });
  },
  async state({ store, steps }) {
    const { operations } = await import("./features/state/index.ts");
    const { tokens } = await import("./features/access/model.ts");
    return operations({ keeper: store, steps, sessions: [tokens.name] });
  },
  async connectors({ store, rights }) {
    const { operations } = await import("./features/connectors/index.ts");
    const { vaultUrl } = await import("./adapters/azure/vault-url.ts");
    const { rotatedItems } = await import("./features/rotation/items.ts");
    return operations({ store, clock: systemClock, vaultAddress: vaultUrl, may: mayOf(rights), others: rotatedItems(store) });
  },
  async rotation(outside) {
    const { operations } = await import("./features/rotation/index.ts");
    const { rotationEngine } = await import("./rotation-engine.ts");
    return operations({ ...(await rotationEngine(outside)), steps: outside.steps, may: mayOf(outside.rights) });
  },
  audit: async ({ store }) => (await import("./features/audit/index.ts")).operations({ book: store.audit, clock: systemClock }),
  async objects({ x509 = x509InThisThread, ...outside }) {
    const { operations } = await import("./features/objects/index.ts");
    const { azureVaults } = await import("./adapters/azure/index.ts");
    const { objectReference: readReference } = await import("./adapters/azure/object-reference.ts");
    const { secrets: adapter, certificates } = azureVaults(azureOf(outside));
    const { store, steps } = outside;
    return operations({ adapter, certificates, x509, store, clock: systemClock, steps, openVault: await openerOf(outside), readReference });
  },
  async transfer(outside) {
    const { operations } = await import("./features/transfer/index.ts");
    const readYaml = async (text: string) => (await import("./adapters/yaml/index.ts")).readYaml(text);
    return operations({ ...(await vaultsOf(outside)), steps: outside.steps, readYaml });
  },
  async expiry(outside) {
    const { operations } = await import("./features/expiry/index.ts");
    return operations(await vaultsOf(outside));
  },
  async access({ store, rights, source }) {
    const { operations } = await import("./features/access/index.ts");
    const { throttle } = await import("./features/access/throttle.ts");
    return operations({ store, clock: systemClock, granting: rights, throttle: throttle(systemClock), source });
  },
  async duties(outside) {
    const { operations } = await import("./features/duties/index.ts");
    const { deskOf, dutiesOf } = await import("./duties.ts");
    return operations({ ...deskOf(outside), steps: outside.steps, duties: dutiesOf(outside) });
  },
  async events({ store }) {
    const { operations } = await import("./features/events/index.ts");
    return operations({ store, clock: systemClock, webhook: async () => (await import("./adapters/webhook/index.ts")).webhooks() });
  },
  async doctor(outside) {
    const { operations } = await import("./features/doctor/index.ts");
    const { azureDiagnosis } = await import("./adapters/azure/diagnosis.ts");
    return operations({ ...(await vaultsOf(outside)), diagnose: () => azureDiagnosis(azureOf(outside)) });
  },
};

const x509InThisThread = async (): Promise<X509> => (await import("./adapters/x509/index.ts")).x509;

const azureOf = ({ store, environment, onCall }: Outside) => ({ store, clock: systemClock, environment, onCall });

/** The secrets of the vaults that connectors lead to. */
async function vaultsOf(outside: Outside) {
  const { azureObjects } = await import("./adapters/azure/index.ts");
  return { clock: systemClock, adapter: azureObjects(azureOf(outside)), openVault: await openerOf(outside) };
}

async function openerOf({ store, seen }: Outside): Promise<OpenVault> {
  const { openVault } = await import("./features/connectors/open.ts");
  return seenBy(openVault(store), seen);
}

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
