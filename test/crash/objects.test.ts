import { afterAll, describe, expect, it } from "vitest";
import { certificateFor } from "../support/test-certificates.ts";
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

const certificate = (name: string, ...more: string[]): string[] => [
  "create",
  "--usc-name",
  "kv",
  "--secret-name",
  name,
  "--object-type",
  "certificate",
  ...more,
];
const selfSigned = {
  noun: "certificate",
  argv: (name: string) => certificate(name, "--subject", "CN=made", "--key-type", "EC"),
  ends: "live CN=made",
} as const;

const commands: Record<string, Command> = {
  "delete --force-delete": {
    given: "live",
    argv: (name) => [...named("delete", name), "--force-delete"],
    ends: "absent",
    again: /"code":"not_found"/u,
    delays: { delete: 800 },
  },
  "create --if-deleted recover": { given: "deleted", argv: created("recover"), ends: "live new", versions: 2 },
  "create --if-deleted purge": { given: "deleted", argv: created("purge"), ends: "live new", versions: 1, again: /exists already/u },
  "copy-object --delete-source": {
    given: "live",
    argv: (name) => [...named("copy-object", name), "--secret-name", `${name}-copy`, "--delete-source"],
    ends: "deleted",
    copy: "live old",
  },
  "create --object-type certificate, import": {
    noun: "certificate",
    given: "absent",
    argv: (name) => certificate(name, "--cert-data", Buffer.from(certificateFor("new").pem).toString("base64")),
    ends: "live CN=new",
    versions: 1,
    again: /exists already/u,
    // It looks whether the name is free, and imports.
    least: 4,
  },
  "create --object-type certificate, self-signed": { ...selfSigned, given: "absent", versions: 1, delays: { issue: 800 } },
  "create --object-type certificate, self-signed, --overwrite": {
    ...selfSigned,
    given: "live",
    argv: (name) => [...selfSigned.argv(name), "--overwrite"],
    versions: 2,
    // It does not look whether the name is free.
    least: 8,
  },
  "delete --force-delete --object-type certificate": {
    noun: "certificate",
    given: "live",
    argv: (name) => [...named("delete", name), "--object-type", "certificate", "--force-delete"],
    ends: "absent",
    again: /"code":"not_found"/u,
    delays: { delete: 800 },
  },
  validate: { given: "absent", argv: () => ["validate", "--usc-name", "kv"], ends: "absent" },
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
      expect(await world.begun()).toBe(0);
      expect(killed).toBeGreaterThanOrEqual(command.least ?? 10);
      expect(killed).toBeLessThan(points.length);
      expect(await world.intents()).toBe(killed);
      tally.killPoints += killed;
    },
    300_000,
  );
});
