import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import type { Noun } from "../../src/features/objects/port.ts";
import { azureHouse, type AzureHouse, type Ended } from "../support/azure-house.ts";
import { certificateDesk, type Stands } from "../support/certificate-desk.ts";
import type { Look } from "../support/look.ts";
import { canaries, type Fault, faultsOf, ofSecretsAlone } from "./faults.ts";
import type { Command } from "./operations.ts";
import { printed } from "./table.ts";

const forEver = 1_000_000;
const name = "x";
/** How long usc waits for an answer that never comes. */
const silenceMs = 150;
/** How long a command may take. */
const seconds = 12;
/** The paths of secrets and of certificates, and nothing of the login's. */
const ofTheVault = "/*e*t*s*";

/** Every command under every fault; prints the exits by both: of what went wrong once, then of what went wrong for ever. */
export function faultMatrix(noun: Noun, commands: Readonly<Record<string, Command>>): void {
  const table = new Map<string, Map<string, [Set<number>, Set<number>]>>();
  let cells = 0;
  const short = noun === "secret" ? "" : `; ${ofSecretsAlone.join(", ")} are put to secrets alone`;
  afterAll(() => console.log(`${printed(table)}\n${noun}s: ${cells} fault cells${short}`));

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
        for (const [what, fault] of faultsOf(noun)) {
          if (command.faults?.includes(what) === false) continue;
          const exits: [Set<number>, Set<number>] = [new Set(), new Set()];
          row.set(what, exits);
          for (const when of requests.flatMap(whenAt)) {
            const cell = await play(house, command, fault, when);
            if (cell === undefined) continue;
            cells += 1;
            exits[when.times === 1 ? 0 : 1].add(cell.exit);
            const at = `${what}, ${when.times === 1 ? "once" : "for ever"}, at request ${when.skip + 1}`;
            wrong.push(...cell.wrong.map((why) => `${at} (${requests[when.skip]}): ${why}`));
          }
        }
        expect(wrong).toEqual([]);
        expect(row.size).toBe(command.faults?.length ?? faultsOf(noun).length);
      },
      600_000,
    );
  });
}

/** The command's kind of object, past usc. */
function deskOf(
  house: AzureHouse,
  { noun }: Command,
): { place: (name: string, is: Stands) => Promise<void>; look: (name: string) => Promise<Look> } {
  if (noun === "certificate") return certificateDesk(house);
  return {
    place: (each, is) => (is === "asked" ? Promise.reject(new Error("nobody signs secrets")) : house.place(each, is, canaries.old)),
    look: house.look,
  };
}

/** What the command asks for when nothing goes wrong, without versions and numbers. */
async function requestsOf(house: AzureHouse, command: Command): Promise<string[]> {
  // Else the first of them would be those to the login.
  if (command.cold !== true) await house.call("list");
  await begin(house, command, true);
  const { code, error } = await house.call(command.command, await command.input(name, house));
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
  if (isFirst || command.reads !== true || command.given === "deleted") await deskOf(house, command).place(name, command.given);
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
  const given = await command.input(name, house);
  await house.control("POST", "/faults", { path: command.cold === true ? "*" : ofTheVault, ...when, ...fault.plan });
  const began = house.clock.now();
  const input = { ...given, timeout: seconds, ...(fault.silent === true && when.times > 1 ? { "max-retries": 1 } : {}) };
  const first = await house.call(command.command, input, fault.silent === true ? silenceMs : undefined);
  const requests = await log(house);
  const [{ hits } = { hits: 0 }] = (await house.control("GET", "/faults"))["faults"] as { hits: number }[];
  await house.control("DELETE", "/faults");
  if (hits === 0) return undefined;
  const between = command.reads === true ? unchanged(command) : await look(house, command);
  // A check leaves the object of another one alone as long as that may still be at work.
  if (command.given === "absent") house.clock.leap(200_000);
  const second = await house.call(command.command, given);
  const wrong = [
    ...codeOf(first, command, fault, when.times),
    ...told(house, command, first),
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

async function look(house: AzureHouse, command: Command): Promise<Looks> {
  const { copy } = command;
  return {
    own: await deskOf(house, command).look(name),
    copy: copy === undefined ? { is: "", versions: 0 } : await house.look(`${name}-copy`),
  };
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

function told({ ready }: AzureHouse, { noun }: Command, { error, answer }: Ended): string[] {
  if (error === undefined) return [];
  const text = `${inspect(error, { depth: 10, showHidden: true })} ${JSON.stringify(answer)}`;
  // What Key Vault says of a certificate is told, but for what may be a key or a token.
  const values = noun === "certificate" ? [canaries.key] : Object.values(canaries);
  return [...values, ready.client_secret, "eyJ", "PRIVATE KEY"]
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
  if (command.again?.includes("conflict") === true && own.versions > most) wrong.push(`${own.versions} versions in the end`);
  const unfinished = (await house.unfinished()).filter((entry) => command.keeps === undefined || !entry.startsWith(command.keeps));
  const left = [...unfinished, ...(command.given === "absent" ? await house.strays() : [])];
  if (left.length > 0 && fault.lies !== "absent") wrong.push(`left behind: ${left.join(", ")}`);
  if (own.is !== "deleted") return wrong;
  await house.wire("POST", `/deleted${command.noun ?? "secret"}s/${name}/recover`);
  const back = (await deskOf(house, command).look(name)).is;
  return back === "live old" || back === `live ${canaries.old}` ? wrong : [...wrong, `comes back as ${back}`];
}
