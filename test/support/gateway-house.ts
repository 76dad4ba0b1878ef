import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "../../src/describe.ts";
import { openHouse } from "../../src/house.ts";
import { type ErrorDocument, errorDocument } from "../../src/kernel/errors.ts";
import type { Operation } from "../../src/kernel/operation.ts";
import { rightsOf, type Rule } from "../../src/kernel/rights.ts";
import type { Lab } from "../emulator/support.ts";
import { furniture } from "./furniture.ts";

export type Input = Readonly<Record<string, unknown>>;
export type Line = readonly [operation: string, input: Input];

/** How a call ended. */
export type Ended = { code: "ok"; answer: Record<string, unknown> } | ({ code: ErrorDocument["code"] } & ErrorDocument);

const room = new Map((await describe()).map((command) => [command.name, command.room]));

/**
 * What stands behind the gateway's HTTP, over a state of its own and a local Azure: the cloud `lab`, the target /prod/t, and the connectors /prod/kv and
 * /live/kv. A call has rules, or none for the user of this machine.
 */
export async function gatewayHouse(lab: Lab) {
  const home = mkdtempSync(join(tmpdir(), "usc-rights-"));
  const house = await openHouse({ home, environment: {}, x509Thread: { file: "no certificates here" } });
  const caller = "/few";
  const stop = new AbortController().signal;

  const find = (name: string): Promise<Operation> => house.find(room.get(name) ?? "", name);

  const call = async (rules: readonly Rule[] | undefined, [name, input]: Line, op?: Operation): Promise<Ended> => {
    const rights = rules === undefined ? undefined : rightsOf(rules);
    const calling = { name: caller, rights, stop, warn: () => {}, ask: async () => true };
    try {
      return { code: "ok", answer: await house.call(op ?? (await find(name)), input, calling) };
    } catch (error) {
      return errorDocument(error);
    }
  };

  /** As the user of this machine, who may all. */
  const place = async (lines: readonly Line[]): Promise<void> => {
    for (const line of lines) {
      const ended = await call(undefined, line);
      if (ended.code !== "ok") throw new Error(`${line[0]}: ${ended.error}`);
    }
  };

  /** All that is stored, but for the audit: sealed texts as they lie there. */
  const stored = (): string => {
    const database = new DatabaseSync(join(home, "usc.db"), { readOnly: true });
    const tables = ["records", "counters", "data_keys", "master_key"].map((table) => database.prepare(`SELECT * FROM ${table}`).all());
    database.close();
    return JSON.stringify(tables);
  };

  /** How many calls of an operation the audit has with this outcome, by this caller. */
  const audited = async (operation: string, outcome: string): Promise<number> => {
    let count = 0;
    for await (const page of house.store.audit.pages({ operation }))
      count += page.filter((row) => row.caller === caller && row.outcome === outcome).length;
    return count;
  };

  const named = (name: string) => ({ "target-to-associate": "/prod/t", "azure-kv-name": lab.ready.vaults[0]?.name, name });
  await place([
    ...furniture(lab.ready, "lab", lab.ca.toString()).map(([name, input]): Line => [
      name,
      name === "cloud register" ? input : { ...input, name: "/prod/t" },
    ]),
    ["create-usc", named("/prod/kv")],
    ["create-usc", named("/live/kv")],
  ]);
  return { call, caller, find, place, stored, audited, store: house.store, clean: () => rmSync(home, { recursive: true, force: true }) };
}

export type GatewayHouse = Awaited<ReturnType<typeof gatewayHouse>>;
