import * as z from "zod/mini";
import { azureVaults } from "../../src/adapters/azure/index.ts";
import { objectReference } from "../../src/adapters/azure/object-reference.ts";
import { x509 } from "../../src/adapters/x509/index.ts";
import { vaultUrl } from "../../src/adapters/azure/vault-url.ts";
import { rotatedItems } from "../../src/features/rotation/items.ts";
import { openVault } from "../../src/features/connectors/open.ts";
import { operations as connectorRoom } from "../../src/features/connectors/index.ts";
import { operations as objectRoom } from "../../src/features/objects/index.ts";
import { operations as targetRoom } from "../../src/features/targets/index.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { errorDocument, outcomes, UscError, type Code } from "../../src/kernel/errors.ts";
import { invoke, type Operation } from "../../src/kernel/operation.ts";
import type { RecordKind } from "../../src/kernel/store.ts";
import { stepsOf } from "../../src/kernel/steps.ts";
import { openLab } from "../emulator/support.ts";
import { furniture } from "./furniture.ts";
import { type Look, looker } from "./look.ts";
import { memoryWitness } from "./memory-audit.ts";
import { memoryStore } from "./memory-store.ts";

/** Real time, in which nobody waits: a sleep is a leap. For usc and the local Azure alike. */
export function leapingClock(): Clock & { leap(ms: number): void } {
  let leapt = 0;
  const leap = (ms: number): void => void (leapt += ms);
  return {
    leap,
    now: () => Math.round(performance.timeOrigin + performance.now()) + leapt,
    sleep: (ms) => new Promise((resolve) => (leap(ms), setImmediate(resolve))),
  };
}

/** How a command ended, and all that it said. */
export interface Ended {
  code: "ok" | Code;
  exit: number;
  answer: Record<string, unknown> | undefined;
  error: unknown;
}

const kinds = (...names: string[]): RecordKind<unknown>[] => names.map((name) => ({ name, noun: name, schema: () => z.any() }));
const journals = kinds("deletions", "returns", "copies", "probes", "makings");
const remembered = kinds("tokens", "verified-vaults");

const connectors = ["kv", "other"].map((name): [string, Record<string, string>] => [
  "create-usc",
  { name, "target-to-associate": "t", "azure-kv-name": name === "kv" ? "demo" : name },
]);

/** All rooms over the real Azure adapter and a local Azure of their own: the targets /t, the connectors /kv and /other. */
export async function azureHouse() {
  const clock = leapingClock();
  const lab = await openLab({ clock, vaults: ["demo", "other"] });
  const store = memoryStore();
  const { ready } = lab;
  const { witness } = memoryWitness(clock);
  const stop = { signal: new AbortController().signal, hold: () => {} };
  const unused = async (): Promise<never> => {
    throw new Error("nobody asks");
  };
  const steps = stepsOf({ clock, stop, tell: () => {}, warn: () => {}, ask: async () => true });
  const settled = [
    ...targetRoom({
      store,
      clock,
      steps,
      may: () => true,
      users: { of: async () => [] },
      readClientCertificate: unused,
      login: unused,
      finder: unused,
    }),
    ...connectorRoom({ store, clock, vaultAddress: vaultUrl, may: () => true, others: rotatedItems(store) }),
  ];

  const room = ({ secrets: adapter, certificates }: ReturnType<typeof azureVaults>): Operation[] =>
    objectRoom({
      adapter,
      certificates,
      x509: async () => x509,
      store,
      clock,
      steps,
      openVault: openVault(store),
      readReference: objectReference,
    });

  const run = async (operations: readonly Operation[], name: string, input: Record<string, unknown>): Promise<Ended> => {
    const operation = operations.find((candidate) => candidate.name === name);
    if (operation === undefined) throw new Error(`no operation ${name}`);
    try {
      return { code: "ok", exit: 0, answer: await invoke(operation, input, witness), error: undefined };
    } catch (error) {
      const { code } = errorDocument(error);
      return { code, exit: outcomes[code].exit, answer: error instanceof UscError ? error.details.answer : undefined, error };
    }
  };

  for (const [name, input] of [...furniture(ready, "lab", lab.ca.toString()), ...connectors]) {
    const { code, error } = await run(settled, name, input);
    if (code !== "ok") throw error;
  }

  let wires = new Map<number, Operation[]>();
  /** What a face does. */
  const call = (name: string, input: Record<string, unknown> = {}, perRequestMs = 10_000): Promise<Ended> => {
    const operations = wires.get(perRequestMs) ?? room(azureVaults({ store, clock, environment: {}, perRequestMs }));
    wires.set(perRequestMs, operations);
    return run(operations, name, name === "usc-resolve" ? input : { "usc-name": "kv", ...input });
  };

  const control = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const reply = await lab.control(method, path, body);
    if (reply.status >= 300) throw new Error(`control ${method} ${path}: ${reply.status} ${reply.text}`);
    return reply.json ?? {};
  };

  let token = { text: "", until: 0 };
  /** A request past usc; what is under way in the vault has arrived before. */
  const wire = async (method: string, path: string, body?: object) => {
    clock.leap(1000);
    if (token.until < clock.now()) token = { text: await lab.token(), until: clock.now() + 1_800_000 };
    return lab.vault(method, path, body, { token: token.text });
  };

  const look: (name: string) => Promise<Look> = looker((path) => wire("GET", path));

  const clear = async (kind: string, name: string): Promise<void> => {
    if (kind === "certificates") await wire("DELETE", `/certificates/${name}/pending`);
    await wire("DELETE", `/${kind}/${name}`);
    await wire("DELETE", `/deleted${kind}/${name}`);
    clock.leap(1000);
  };

  /** Makes the name stand like this, whatever it was. */
  const place = async (name: string, is: "absent" | "live" | "deleted", value: string): Promise<void> => {
    await clear("secrets", name);
    if (is === "absent") return;
    await control("PUT", `/secrets/demo/${name}`, { value });
    if (is === "deleted") await wire("DELETE", `/secrets/${name}`);
    clock.leap(1000);
  };

  /** As if usc had never asked this vault: without a token, and without knowing what the vault wants. */
  const forget = async (): Promise<void> => {
    wires = new Map();
    for (const kind of remembered)
      for (const { key } of await store.collection(kind).list()) await store.commit([store.collection(kind).remove(key)]);
  };

  /** Objects of the checks that are still in the vault: live, in the making or deleted. Gone once they were told. */
  const strays = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const kind of ["certificates", "secrets"]) {
      for (const list of [`${kind}?includePending=true`, `deleted${kind}`]) {
        const { json } = await wire("GET", `/${list}`);
        const names = json.value.map(({ id }: { id: string }) => id.split("/").at(-1)).filter((name: string) => name.startsWith("usc-"));
        for (const name of names) {
          found.push(`${list.split("?", 1)[0]}/${name}`);
          await clear(kind, name);
        }
      }
    }
    return found;
  };

  /** What usc has still to finish, by its own journal. Forgotten once it was told. */
  const unfinished = async (): Promise<string[]> => {
    const left = await Promise.all(journals.map(async (kind) => (await store.collection(kind).list()).map(({ key }) => ({ kind, key }))));
    await store.commit(left.flat().map(({ kind, key }) => store.collection(kind).remove(key)));
    return left.flat().map(({ kind, key }) => `${kind.name} ${key}`);
  };

  return { call, clear, clock, control, forget, lab, look, place, ready, store, strays, unfinished, wire };
}

export type AzureHouse = Awaited<ReturnType<typeof azureHouse>>;
