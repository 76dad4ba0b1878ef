import { afterAll, describe, expect, it } from "vitest";
import { certificateCommands } from "./certificate-commands.ts";
import { type Command, killWorld, points, tally } from "./kill-world.ts";

// `npm run test:crash` kills the command that goes on as well.
const depth = process.env["npm_lifecycle_event"] === "test:crash" ? 2 : 1;
afterAll(() => console.log(`objects: ${tally.killPoints} kill points, ${tally.lost} lost`));

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
    delays: { delete: 1200 },
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
  ...Object.fromEntries(Object.entries(certificateCommands).map(([label, command]) => [`${label}, of certificates`, command])),
};

describe("killed with -9 before or after any of its requests, the same command finishes or explains, and the audit tells that it was begun", () => {
  it.concurrent.each(Object.entries(commands))(
    "%s",
    async (_, command) => {
      const world = await killWorld(command);
      let killed = 0;
      for (const [index, point] of points.entries()) {
        const name = `x${index}`;
        if ((await world.killed(name, point)) === "ended") break;
        killed += 1;
        const second = depth === 1 ? "spared" : await world.killed(name, { ...point, skip: (point.skip * 3) % 5 });
        if (second === "killed") killed += 1;
        await world.goesOn(name, `${point.moment} request ${point.skip + 1}`, second);
      }
      await world.swept();
      // What waits for its signature is still told by the journal, of each name.
      expect(await world.begun()).toBe(command.waits === true ? world.names.size : 0);
      expect(killed).toBeGreaterThanOrEqual(command.least ?? 10);
      expect(world.names.size).toBeLessThan(points.length);
      expect(await world.intents()).toBe(killed);
      tally.killPoints += killed;
    },
    300_000,
  );
});
