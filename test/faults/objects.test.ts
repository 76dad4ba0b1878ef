import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { azureHouse, type AzureHouse, type Ended } from "../support/azure-house.ts";
import type { Look } from "../support/look.ts";
import { canaries, faults, type Fault } from "./faults.ts";
import { commands, type Command } from "./operations.ts";
import { printed } from "./table.ts";

const forEver = 1_000_000;
const name = "x";
/** How long usc waits for an answer that never comes. */
const silenceMs = 150;
/** How long a command may take. */
const seconds = 12;
/** Exits by command and fault: of what went wrong once, then of what went wrong for ever. */
const table = new Map<string, Map<string, [Set<number>, Set<number>]>>();
let cells = 0;
afterAll(() => console.log(`${printed(table)}\nobjects: ${cells} fault cells`));

describe("whatever goes wrong, at whichever request, once or for ever: nothing is lost or doubled, and the same command again ends it", () => {
  it.concurrent.each(Object.keys(commands))(
    "%s",
    async (label) => {
      const command = commands[label] as Command;
      const house = await azureHouse();
      const requests = await requestsOf(house, command);
      const row = new Map<string, [Set<number>, Set<number>]>();
      table.set(label, row);
      const wrong: string[] = [];
      for (const [what, fault] of faults) {
        const exits: [Set<number>, Set<number>] = [new Set(), new Set()];
        row.set(what, exits);
        for (const when of requests.flatMap(whenAt)) {
          const cell = await play(house, command, fault, when);
          if (cell === undefined) continue;
          cells += 1;
          exits[when.times === 1 ? 0 : 1].add(cell.exit);
          wrong.push(...cell.wrong.map((why) => `${what}, ${when.times === 1 ? "once" : "for ever"}, at request ${when.skip + 1}: ${why}`));
        }
      }
      expect(wrong).toEqual([]);
      expect(row.size).toBe(faults.length);
    },
    300_000,
  );
});

/** What the command asks for when nothing goes wrong, without versions and numbers. */
async function requestsOf(house: AzureHouse, command: Command): Promise<string[]> {
  await begin(house, command, true);
  const { code, error } = await house.call(command.command, command.input(name));
  if (code !== "ok") throw error;
  return (await log(house)).map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{12,}/u, "*")}`);
}

/** Once at each request. For ever from the first of its kind on: a request that is repeated in a wait meets nothing else the second time. */
function whenAt(request: string, skip: number, requests: readonly string[]): { skip: number; times: number }[] {
  const once = { skip, times: 1 };
  return requests.indexOf(request) === skip ? [once, { skip, times: forEver }] : [once];
}

async function begin(house: AzureHouse, command: Command, isFirst = false): Promise<void> {
  // What only reads has left it as it was; the last look at the cell before has seen that.
  if (isFirst || command.reads !== true || command.given === "deleted") await house.place(name, command.given, canaries.old);
  if (command.copy !== undefined) await house.place(`${name}-copy`, "absent", "");
  if (command.cold === true) await house.forget();
  await house.control("DELETE", "/requests");
}

interface Logged {
  at: string;
  method: string;
  path: string;
}
const log = async (house: AzureHouse): Promise<Logged[]> => (await house.control("GET", "/requests"))["requests"] as Logged[];

/** One cell: the fault, then the same command without it. Undefined where the fault met no request. */
async function play(house: AzureHouse, command: Command, fault: Fault, when: { skip: number; times: number }) {
  await begin(house, command);
  await house.control("POST", "/faults", { path: command.cold === true ? "*" : "/*secrets*", ...when, ...fault.plan });
  const began = house.clock.now();
  const input = { ...command.input(name), timeout: seconds, ...(fault.silent === true && when.times > 1 ? { "max-retries": 1 } : {}) };
  const first = await house.call(command.command, input, fault.silent === true ? silenceMs : undefined);
  const requests = await log(house);
  const [{ hits } = { hits: 0 }] = (await house.control("GET", "/faults"))["faults"] as { hits: number }[];
  await house.control("DELETE", "/faults");
  if (hits === 0) return undefined;
  const between = command.reads === true ? unchanged(command) : await look(house, command);
  // A check leaves the object of another one alone as long as that may still be at work.
  if (command.given === "absent") house.clock.leap(200_000);
  const second = await house.call(command.command, command.input(name));
  const wrong = [
    ...codeOf(first, command, fault, when.times),
    ...told(house, first),
    ...requests.filter(({ at }) => Date.parse(at) > began + (seconds + 1) * 1000).map(({ at, path }) => `asks for ${path} too late: ${at}`),
    ...requests.filter(({ path }) => path.includes("followed")).map(() => "follows a redirect"),
    ...stateAfter(command, first, between, fault),
    ...(second.code === "ok" || command.again?.includes(second.code) === true ? [] : [`again: ${second.code} ${String(second.error)}`]),
    ...(await stateAtLast(house, command, fault, between)),
  ];
  return { exit: first.exit, wrong };
}

interface Looks {
  own: Look;
  copy: Look;
}

async function look(house: AzureHouse, { copy }: Command): Promise<Looks> {
  return { own: await house.look(name), copy: copy === undefined ? { is: "", versions: 0 } : await house.look(`${name}-copy`) };
}

const unchanged = (command: Command): Looks => ({ own: { is: command.ends, versions: 1 }, copy: { is: "", versions: 0 } });

function codeOf({ code, exit, error }: Ended, command: Command, fault: Fault, times: number): string[] {
  const ended = `${code} (${exit}) ${String(error)}`;
  if (times === 1 && comesThrough(command, fault) && code !== "ok") return [`ought to come through: ${ended}`];
  // On the way to the first token, what goes wrong is told of the vault or the login as a whole.
  if (code === "ok" || fault.codes.includes(code) || (command.cold === true && code === "unavailable")) return [];
  return [`ought to be ${fault.codes.join(" or ")}: ${ended}`];
}

function comesThrough(command: Command, { heals }: Fault): boolean {
  if (heals === "login") return command.cold !== true;
  return heals === "all" || (heals === "reads" && command.reads === true);
}

function told({ ready }: AzureHouse, { error, answer }: Ended): string[] {
  if (error === undefined) return [];
  const text = `${inspect(error, { depth: 10, showHidden: true })} ${JSON.stringify(answer)}`;
  return [...Object.values(canaries), ready.client_secret, "eyJ"]
    .filter((secret) => text.includes(secret))
    .map((secret) => `tells ${secret}`);
}

function stateAfter(command: Command, { code }: Ended, { own, copy }: Looks, fault: Fault): string[] {
  const isDone = own.is === command.ends && copy.is === (command.copy ?? "");
  return [
    ...(code === "ok" && fault.lies === undefined && !isDone ? [`says ok and is not done: ${own.is} ${copy.is}`] : []),
    ...(command.given !== "absent" && own.is === "absent" && command.purges === undefined ? ["lost"] : []),
    ...(copy.is === "absent" && own.is === "deleted" ? ["deleted before it was copied"] : []),
  ];
}

async function stateAtLast(house: AzureHouse, command: Command, fault: Fault, between: Looks): Promise<string[]> {
  const { own, copy } = await look(house, command);
  const wrong = own.is === command.ends && copy.is === (command.copy ?? "") ? [] : [`ends as ${own.is} ${copy.is}`];
  const most = (command.given === "absent" ? 0 : 1) + (command.versions ?? 0);
  if (between.own.versions > most) wrong.push(`${between.own.versions} versions`);
  if (copy.versions > 1) wrong.push(`${copy.versions} versions of the copy`);
  const left = [...(await house.unfinished()), ...(command.given === "absent" ? await house.strays() : [])];
  if (left.length > 0 && fault.lies !== "absent") wrong.push(`left behind: ${left.join(", ")}`);
  if (own.is !== "deleted") return wrong;
  await house.wire("POST", `/deletedsecrets/${name}/recover`);
  const back = await house.look(name);
  return back.is === `live ${canaries.old}` ? wrong : [...wrong, `comes back as ${back.is}`];
}
