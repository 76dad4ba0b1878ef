import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { formsOf } from "../support/canary.ts";
import { localAzure } from "../support/local-azure.ts";
import { program, start, until } from "../support/program.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const canary = "canary/listed+77ce ~ zażółć";
const guid = "11111111-2222-4333-8444-555555555555";

/** What any user of the machine may read of a process, and of those it started. */
function listed(pid: number): { processes: number; tells: string[] } {
  const pids = [
    pid,
    ...readdirSync("/proc")
      .map(Number)
      .filter((other) => parentOf(other) === pid),
  ];
  const tells = (file: string): boolean => formsOf(canary).some((form) => readFileSync(file).includes(form));
  const ofProcess = pids.flatMap((one) => [`/proc/${one}/cmdline`, `/proc/${one}/environ`]);
  const ofThreads = pids.flatMap((one) => readdirSync(`/proc/${one}/task`).map((task) => `/proc/${one}/task/${task}/comm`));
  return { processes: pids.length, tells: [...ofProcess.filter(tells), ...ofThreads.filter(unlessEnded(tells))] };
}

/** A thread may end between the look at the folder and the look at its name. */
const unlessEnded =
  (look: (file: string) => boolean) =>
  (file: string): boolean => {
    try {
      return look(file);
    } catch (error) {
      if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return false;
      throw error;
    }
  };

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined; // no process, or one that has just ended
  }
}

describe.runIf(process.platform === "linux")("C1 the process list, while a command hangs (needs Linux's /proc)", () => {
  it.each([
    ["create", ["create", "--usc-name", "kv", "-s", "one", "--value", canary]],
    ["create with =", ["create", "--usc-name", "kv", "-s", "two", `--value=${canary}`]],
    ["update", ["update", "--usc-name", "kv", "-s", "one", "-v", canary]],
  ])("shows no value of %s, and no program that it started", async (_, argv) => {
    await lab.control("/faults", "POST", { method: "PUT", path: "/secrets/*", hold: true });
    const { child, ended } = start(lab, [...program, ...argv]);
    await until("the vault holds the request", async () => {
      const { faults } = (await lab.control("/faults")) as { faults: { held: number }[] };
      return faults[0]?.held === 1;
    });
    expect(listed(child.pid ?? 0)).toEqual({ processes: 1, tells: [] });
    expect(readFileSync(`/proc/${child.pid}/cmdline`, "utf8")).toMatch(/^usc\0*$/u);
    await lab.control("/faults", "DELETE");
    expect((await ended).exit).toBe(0);
  });

  it.each([
    ["target create azure", ["target", "create", "azure", "--name", "x", "--tenant-id", guid, "--client-id", guid]],
    ["target update azure", ["target", "update", "azure", "--name", "x"]],
  ])("shows no client secret of %s", async (_, argv) => {
    const database = join(lab.home, "usc.db");
    const lock = new DatabaseSync(database, { timeout: 5000 });
    lock.exec("BEGIN IMMEDIATE");
    const { child, ended } = start(lab, [...program, ...argv, "--client-secret", canary]);
    await until("the command waits for the store", () => opened(child.pid ?? 0).includes(database));
    expect(listed(child.pid ?? 0)).toEqual({ processes: 1, tells: [] });
    lock.exec("ROLLBACK");
    lock.close();
    expect((await ended).exit).toBe(0);
  });
});

function opened(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${descriptor}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
}
