import { vaultUrl } from "../../src/adapters/azure/vault-url.ts";
import { operations as connectorRoom } from "../../src/features/connectors/index.ts";
import { connectorsOf } from "../../src/features/connectors/find.ts";
import { type EventType, forwarders } from "../../src/features/events/model.ts";
import { outbox } from "../../src/features/events/outbox.ts";
import type { Engine } from "../../src/features/rotation/deps.ts";
import { rotatedOf } from "../../src/features/rotation/find.ts";
import { operations as rotationRoom } from "../../src/features/rotation/index.ts";
import { rotatedItems } from "../../src/features/rotation/items.ts";
import type { Beside, Remote, Rotators, Subject } from "../../src/features/rotation/port.ts";
import { azureRemote, azureRotators } from "../../src/rotation-engine.ts";
import { clouds, targets } from "../../src/features/targets/model.ts";
import { operations as targetRoom } from "../../src/features/targets/index.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { once } from "../../src/kernel/once.ts";
import { invoke, type Operation } from "../../src/kernel/operation.ts";
import { stepsOf } from "../../src/kernel/steps.ts";
import type { Store } from "../../src/kernel/store.ts";
import type { Lab } from "../emulator/support.ts";
import { furniture } from "./furniture.ts";
import { memoryWitness } from "./memory-audit.ts";

export interface Secret {
  key_id: string;
  display_name: string | null;
  hint: string;
  logs_in: boolean;
  removed: boolean;
}

const asItIs = <T>(real: T): T => real;

/**
 * What rotates over a store and a clock, as the composition root puts it together. `watched`: around the real rotator of client secrets; `all`: around
 * all; `far`: around the vaults.
 */
export function rotationEngine(
  store: Store,
  clock: Clock,
  watched: (real: Beside) => Beside = asItIs,
  all: (real: Rotators) => Rotators = asItIs,
  far: (real: Remote) => Remote = asItIs,
) {
  const warnings: string[] = [];
  const options = { store, clock, environment: {}, perRequestMs: 5000, totalMs: 15_000 };
  const real = azureRotators(options);
  const clientSecret = async () => watched(await real.target());
  const engine: Engine = {
    store,
    clock,
    outbox: outbox({ store, clock }),
    rotators: all({ ...real, "api-key": clientSecret, target: clientSecret }),
    remote: once(async () => far(await azureRemote(options))),
    newMark: () => `usc ${crypto.randomUUID()}`,
    warn: (sentence) => void warnings.push(sentence),
  };
  return { engine, warnings };
}

/** Targets, connectors and rotated secrets over a store and the Azure that the target /t is in. */
export async function rotationHouse(
  lab: Lab,
  store: Store,
  clock: Clock,
  watched?: (real: Beside) => Beside,
  all?: (real: Rotators) => Rotators,
  far?: (real: Remote) => Remote,
) {
  const { engine, warnings } = rotationEngine(store, clock, watched, all, far);
  const { witness } = memoryWitness(clock);
  const stopped = new AbortController();
  const stop = { signal: stopped.signal, hold: () => {} };
  const warn = (sentence: string): void => void warnings.push(sentence);
  const steps = stepsOf({ clock, stop, tell: () => {}, warn, ask: async () => true });
  const unused = async (): Promise<never> => {
    throw new Error("nobody asks");
  };
  const may = (): boolean => true;
  const operations: Operation[] = [
    ...targetRoom({
      store,
      clock,
      steps,
      may,
      users: { of: async (target) => [...(await connectorsOf(store)(target)), ...(await rotatedOf(store)(target))] },
      readClientCertificate: unused,
      login: unused,
      finder: unused,
    }),
    ...connectorRoom({ store, clock, vaultAddress: vaultUrl, may, others: rotatedItems(store) }),
    ...rotationRoom({ ...engine, steps, may }),
  ];
  const call = async (name: string, input: Record<string, unknown> = {}): Promise<Record<string, unknown>> => {
    const operation = operations.find((candidate) => candidate.name === name);
    if (operation === undefined) throw new Error(`no operation ${name}`);
    return invoke(operation, input, witness);
  };
  if ((await store.collection(targets).count("")) === 0) {
    for (const [name, input] of furniture(lab.ready, "lab", lab.ca.toString())) await call(name, input);
  }
  const value = async (name: string, more: Record<string, unknown> = {}): Promise<Record<string, string>> =>
    (await call("rotated-secret get-value", { name, ...more }))["value"] as Record<string, string>;
  /** A forwarder of these events, or of all. */
  const listen = async (...types: EventType[]): Promise<void> => {
    const now = new Date(clock.now()).toISOString();
    const whatever = { types, items: [], targets: [], gateways: [], description: "", enabled: true };
    const forwarder = { ...whatever, id: 1, name: "/ear", "created-at": now, "modified-at": now };
    await store.commit([store.collection(forwarders).put("/ear", forwarder, 0)]);
  };
  return { call, value, listen, engine, warnings, stop: stopped, store, clock };
}

/** What makes a client secret of an application that is rotated every thirty days. */
export const scheduledKey = (name: string, appId: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  "target-name": "t",
  "rotator-type": "api-key",
  "app-id": appId,
  "auto-rotate": true,
  "rotation-interval": 30,
  ...more,
});

/** As whom, and where, a rotator of the local Azure is asked: the target /t and its cloud. */
export async function furnishedSubject(lab: Lab, store: Store, clock: Clock): Promise<Pick<Subject, "cloud" | "target">> {
  await rotationHouse(lab, store, clock);
  const [cloud, target] = [await store.collection(clouds).get("lab"), await store.collection(targets).get("/t")];
  if (cloud === undefined || target === undefined) throw new Error("no furniture");
  return { cloud: cloud.value, target: target.value };
}

/** Applications of the local Azure, past usc. */
export function directoryOf(lab: Lab) {
  const graph = async (method: string, path: string, body?: object) => {
    const token = await lab.token("https://graph.microsoft.com/.default");
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return lab.https(method, `${lab.ready.graph_endpoint}/v1.0${path}`, { headers, ...(body === undefined ? {} : { body }) });
  };
  const secretsOf = async (appId: string): Promise<Secret[]> => {
    const { json } = await lab.control("GET", "/applications");
    const found = json.applications.find((each: { app_id: string }) => each.app_id === appId);
    return found.secrets.filter(({ removed }: Secret) => !removed);
  };
  /** An application with its service principal, which may change all applications. */
  const application = async (displayName: string): Promise<{ appId: string; id: string }> => {
    const { json } = await graph("POST", "/applications", { displayName, signInAudience: "AzureADMyOrg" });
    await graph("POST", "/servicePrincipals", { appId: json.appId });
    await lab.control("PUT", "/graph-roles", { principal: json.appId, roles: ["Application.ReadWrite.All"] });
    return { appId: json.appId, id: json.id };
  };
  const addPassword = async (appId: string, displayName: string): Promise<{ keyId: string; secretText: string }> =>
    (await graph("POST", `/applications(appId='${appId}')/addPassword`, { passwordCredential: { displayName } })).json;
  const logsIn = async (appId: string, secret: string): Promise<boolean> => {
    const form = {
      grant_type: "client_credentials",
      client_id: appId,
      client_secret: secret,
      scope: "https://graph.microsoft.com/.default",
    };
    const reply = await lab.https("POST", `${lab.ready.authority_host}/${lab.ready.tenant_id}/oauth2/v2.0/token`, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    });
    return reply.status === 200;
  };
  return { graph, secretsOf, application, addPassword, logsIn };
}
