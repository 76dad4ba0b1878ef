import { expect } from "vitest";
import { operations as connectorRoom } from "../../src/features/connectors/index.ts";
import { connectorsOf } from "../../src/features/connectors/find.ts";
import { rotatedItems } from "../../src/features/rotation/items.ts";
import { openVault } from "../../src/features/connectors/open.ts";
import { operations as expiryRoom } from "../../src/features/expiry/index.ts";
import { operations as objectRoom } from "../../src/features/objects/index.ts";
import { operations as targetRoom } from "../../src/features/targets/index.ts";
import { operations as transferRoom } from "../../src/features/transfer/index.ts";
import { clientCertificateReader } from "../../src/adapters/azure/client-certificate.ts";
import { x509 } from "../../src/adapters/x509/index.ts";
import { objectReference } from "../../src/adapters/azure/object-reference.ts";
import { vaultUrl } from "../../src/adapters/azure/vault-url.ts";
import { readYaml } from "../../src/adapters/yaml/index.ts";
import { invoke } from "../../src/kernel/operation.ts";
import { stepsOf } from "../../src/kernel/steps.ts";
import { fakeArm } from "./fake-arm.ts";
import { fakeLogin } from "./fake-login.ts";
import { fakeVault } from "./fake-vault.ts";
import { memoryWitness } from "./memory-audit.ts";
import { memoryStore } from "./memory-store.ts";
import { stillClock } from "./still-clock.ts";

/** A vault without a network has secrets alone: certificates are tried over the local Azure. */
const unused = async (): Promise<never> => {
  throw new Error("this house has no certificates");
};

/** The user of this machine may all. */
const may = (): boolean => true;

/** All rooms over a store in memory and a fake vault; `call` is what a face does. */
export function house({ pageSize }: { pageSize?: number } = {}) {
  const store = memoryStore();
  const clock = stillClock();
  const { witness } = memoryWitness(clock);
  const login = fakeLogin();
  const arm = fakeArm();
  const vault = fakeVault(pageSize === undefined ? {} : { pageSize });
  let asked = new AbortController();
  const stop = { abort: () => asked.abort(), reset: () => void (asked = new AbortController()) };
  const told: string[] = [];
  const say = (sentence: string): void => void told.push(sentence);
  const steps = stepsOf({
    clock,
    stop: {
      get signal() {
        return asked.signal;
      },
      hold: () => {},
    },
    tell: say,
    warn: say,
    ask: async () => true,
  });
  const operations = [
    ...targetRoom({
      store,
      clock,
      steps,
      may,
      users: { of: connectorsOf(store) },
      readClientCertificate: clientCertificateReader(x509),
      login: async () => login.login,
      finder: async () => arm.finder,
    }),
    ...connectorRoom({ store, clock, vaultAddress: vaultUrl, may, others: rotatedItems(store) }),
    ...objectRoom({
      adapter: vault.adapter,
      certificates: unused,
      x509: unused,
      store,
      clock,
      steps,
      openVault: openVault(store),
      readReference: objectReference,
    }),
    ...expiryRoom({ adapter: vault.adapter, clock, openVault: openVault(store) }),
    ...transferRoom({ adapter: vault.adapter, clock, steps, openVault: openVault(store), readYaml }),
  ];
  const call = async (name: string, input: Record<string, unknown> = {}): Promise<Record<string, unknown>> => {
    const operation = operations.find((candidate) => candidate.name === name);
    if (!operation) throw new Error(`no operation ${name}`);
    return invoke(operation, input, witness);
  };
  return { call, store, clock, vault, login, arm, stop, told };
}

export const identity = {
  "tenant-id": "11111111-2222-4333-8444-555555555555",
  "client-id": "66666666-7777-4888-9999-aaaaaaaaaaaa",
  "client-secret": "s3cret~value",
};

/** A cloud that a user registered. */
export const labCloud = {
  name: "lab",
  "authority-host": "https://127.0.0.1:8443",
  "key-vault-suffix": "vault.localhost:8443",
  "graph-endpoint": "https://127.0.0.1:8443/g",
  "arm-endpoint": "https://127.0.0.1:8443/a",
};

/** A house with the target /t and the connector /kv on the vault `v`. */
export async function furnished(options: { pageSize?: number } = {}) {
  const made = house(options);
  await made.call("target create azure", { name: "t", ...identity });
  await made.call("create-usc", { name: "kv", "target-to-associate": "t", "azure-kv-name": "vvv" });
  const object = (name: string, input: Record<string, unknown> = {}) => made.call(name, { "usc-name": "kv", ...input });
  /** The user asks to stop while this call is under way, the next time that it is made. */
  const stopDuring = (call: string): void => {
    const { seen } = made.vault;
    const value = (...calls: string[]): number => {
      if (calls.includes(call)) {
        made.stop.abort();
        Reflect.deleteProperty(seen, "push");
      }
      return Array.prototype.push.apply(seen, calls);
    };
    Object.defineProperty(seen, "push", { value, configurable: true, enumerable: false });
  };
  return { ...made, object, stopDuring };
}

export const refused = (code: string, sentence?: RegExp) =>
  expect.objectContaining({ code, ...(sentence ? { message: expect.stringMatching(sentence) } : {}) });
