import { afterAll, describe, expect, it } from "vitest";
import { azureVaults } from "../../src/adapters/azure/index.ts";
import { x509 } from "../../src/adapters/x509/index.ts";
import { objectReference } from "../../src/adapters/azure/object-reference.ts";
import { openStore } from "../../src/adapters/state/index.ts";
import { openVault } from "../../src/features/connectors/open.ts";
import { validate } from "../../src/features/objects/validate.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openLab } from "../emulator/support.ts";
import { cli } from "../support/cli.ts";
import { typed } from "../support/furniture.ts";
import { killAt, type KillPoint } from "../support/kill.ts";
import { looker } from "../support/look.ts";

// `npm run test:crash` kills the command that goes on as well.
const depth = process.env["npm_lifecycle_event"] === "test:crash" ? 2 : 1;
let killPoints = 0;
let lost = 0;
afterAll(() => console.log(`objects: ${killPoints} kill points, ${lost} lost`));

interface Command {
  given: "absent" | "live" | "deleted";
  argv: (name: string) => string[];
  /** How the name stands when the work is done, and the copy of it. */
  ends: string;
  versions?: number;
  copy?: string;
  /** How it explains itself to one who repeats it when all its work was done. */
  again?: RegExp;
  /** How long a deletion is nowhere to be seen: longer than it takes to begin anew. */
  deletionMs?: number;
}

const named = (words: string, name: string): string[] => [...words.split(" "), "--usc-name", "kv", "--secret-id", name];
const created = (ifDeleted: string) => (name: string) => [
  "create",
  "--usc-name",
  "kv",
  "--secret-name",
  name,
  "--value",
  "new",
  "--if-deleted",
  ifDeleted,
];

const commands: Record<string, Command> = {
  "delete --force-delete": {
    given: "live",
    argv: (name) => [...named("delete", name), "--force-delete"],
    ends: "absent",
    again: /"code":"not_found"/u,
    deletionMs: 800,
  },
  "create --if-deleted recover": { given: "deleted", argv: created("recover"), ends: "live new", versions: 2 },
  "create --if-deleted purge": { given: "deleted", argv: created("purge"), ends: "live new", versions: 1, again: /exists already/u },
  "copy-object --delete-source": {
    given: "live",
    argv: (name) => [...named("copy-object", name), "--secret-name", `${name}-copy`, "--delete-source"],
    ends: "deleted",
    copy: "live old",
  },
  validate: { given: "absent", argv: () => ["validate", "--usc-name", "kv"], ends: "absent" },
};

const most = 30;
const points = Array.from({ length: most * 2 }, (_, index): KillPoint => ({
  skip: index >> 1,
  moment: index % 2 === 0 ? "before" : "after",
}));

describe("killed with -9 before or after any of its requests, the same command finishes or explains, and the audit tells that it was begun", () => {
  it.concurrent.each(Object.entries(commands))("%s", async (_, command) => {
    const world = await killWorld(command);
    let killed = 0;
    for (const [index, point] of points.entries()) {
      const name = `x${index}`;
      if ((await killAt(world.lab, world.user, command.argv(name), point)) === "ended") break;
      killed += 1;
      const second =
        depth === 1 ? "spared" : await killAt(world.lab, world.user, command.argv(name), { ...point, skip: (point.skip * 3) % 5 });
      if (second === "killed") killed += 1;
      await world.goesOn(name, `${point.moment} request ${point.skip + 1}`, second);
    }
    await world.swept();
    expect(killed).toBeGreaterThanOrEqual(10);
    expect(killed).toBeLessThan(most * 2);
    expect(await world.intents()).toBe(killed);
    killPoints += killed;
  });
});

/** A local Azure, a user of usc, and the names x0, x1, ... as the command finds them. */
async function killWorld(command: Command) {
  const lab = await openLab({ name: "lab", vaults: ["demo"] });
  const tool = cli();
  const user = { folder: tool.folder, home: tool.home };
  const usc = async (argv: readonly string[], input = "") => tool.usc(argv, { input });
  for (const { argv, input } of typed(lab.ready, "lab")) expect((await usc(argv, input)).exit).toBe(0);
  expect((await usc(["create-usc", "--name", "kv", "--target-to-associate", "t", "--azure-kv-name", "demo"])).exit).toBe(0);
  await usc(["list", "--usc-name", "kv"]);
  if (command.deletionMs !== undefined) await lab.control("PUT", "/settings", { delays: { delete: command.deletionMs } });
  for (let index = 0; index < points.length && command.given !== "absent"; index += 1) {
    await lab.control("PUT", `/secrets/demo/x${index}`, { value: "old" });
    if (command.given === "deleted") await lab.vault("DELETE", `/secrets/x${index}`);
  }
  const look = looker((path) => lab.vault("GET", path));
  const strays = async (): Promise<string[]> => {
    const lists = await Promise.all(["/secrets", "/deletedsecrets"].map((list) => lab.vault("GET", list)));
    return lists
      .flatMap(({ json }) => json.value.map(({ id }: { id: string }) => id.split("/").at(-1)))
      .filter((name) => name.startsWith("usc-"));
  };

  return {
    lab,
    user,
    async goesOn(name: string, where: string, before: "spared" | "killed" | "ended"): Promise<void> {
      const { exit, stderr } = await usc(command.argv(name));
      // A deletion that is still nowhere to be seen must not be taken for the end.
      await lab.control("POST", "/clock", { advance_seconds: 1 });
      const [own, copy] = [await look(name), command.copy === undefined ? undefined : await look(`${name}-copy`)];
      if (command.given !== "absent" && own.is === "absent" && command.ends !== "absent") lost += 1;
      expect({ where, is: own.is, copy: copy?.is }).toEqual({ where, is: command.ends, copy: command.copy });
      if (command.versions !== undefined) expect({ where, versions: own.versions }).toEqual({ where, versions: command.versions });
      if (copy !== undefined) expect({ where, versions: copy.versions }).toEqual({ where, versions: 1 });
      if (exit !== 0 && before !== "ended") expect(stderr, where).toMatch(command.again ?? /^$/u);
      // What a killed check has left is named; it goes when no check can be at work on it any more.
      for (const stray of await strays()) expect(stderr, where).toContain(`Another check may still use ${stray}`);
    },
    /** Ten minutes later the next check clears up behind all that were killed. */
    async swept(): Promise<void> {
      const clock = { ...systemClock, now: () => Date.now() + 600_000 };
      const store = openStore({ home: user.home });
      const steps = { at: () => {}, warn: () => {}, confirm: async () => {}, pause: (ms: number) => clock.sleep(ms) };
      const { secrets: adapter, certificates } = azureVaults({ store, clock, environment: {} });
      await validate({
        store,
        clock,
        steps,
        adapter,
        certificates,
        x509: async () => x509,
        openVault: openVault(store),
        readReference: objectReference,
      }).run({
        "usc-name": "kv",
      } as never);
      expect(await strays()).toEqual([]);
    },
    /** Commands of this kind that were begun, and of which nothing came. */
    async intents(): Promise<number> {
      const [operation = ""] = command.argv("");
      const { json } = await usc(["audit", "list", "--operation", operation]);
      expect((await usc(["audit", "verify"])).exit).toBe(0);
      tool.clean();
      return (json["entries"] as { outcome: string }[]).filter(({ outcome }) => outcome === "unknown").length;
    },
  };
}
