import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";
import { environmentOf, program } from "../support/program.ts";
import { onTerminal } from "../support/terminal.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const { usc, folder } = lab;
const kv = ["--usc-name", "kv"];
const tomorrow = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 19)}Z`;

describe("usc expiring", () => {
  it("exits 0 with an empty list, then 10 with what it found; nothing on stderr, since a finding is no failure", async () => {
    await usc(["create", ...kv, "-s", "plain", "-v", "1"]);
    const none = await usc(["expiring", ...kv, "--within", "24h"]);
    expect([none.exit, none.stderr]).toEqual([0, ""]);
    expect(none.json).toEqual({ expiring: [], checked: 1, steps: [] });

    await usc(["create", ...kv, "-s", "late", "-v", "1", "--remote-secret-expires", tomorrow]);
    const junit = join(folder, "expiring.xml");
    const some = await usc(["expiring", ...kv, "--within", "2d", "--junit", junit]);
    expect([some.exit, some.stderr]).toEqual([10, ""]);
    expect(some.json["expiring"]).toEqual([expect.objectContaining({ name: "late", expiration: tomorrow, expired: false })]);
    const xml = readFileSync(junit, "utf8");
    expect(xml).toContain('<testsuite name="usc expiring" tests="1" failures="1"');
    expect(xml).toContain(`<failure message="It expires at ${tomorrow}.">`);
  });

  it("finds a certificate by its own name, and its id can be given to `get`", async () => {
    const made = await usc(["create", ...kv, "--object-type", "certificate", "-s", "www", "--subject", "CN=www", "--validity-months", "1"]);
    expect(made.exit).toBe(0);
    const { exit, json } = await usc(["expiring", ...kv, "--search", "www", "--within", "40d"]);
    expect(exit).toBe(10);
    const [found] = json["expiring"] as { secret_id: string }[];
    expect(found).toMatchObject({ name: "www", object_type: "certificate", expired: false, secret_id: made.json["secret_id"] });
    expect((await usc(["get", ...kv, "--object-type", "certificate", "-s", found?.secret_id ?? ""])).exit).toBe(0);
    await usc(["delete", ...kv, "--object-type", "certificate", "-s", "www"]);
  });

  it.each(["table", "json"])("tells a person at a terminal in one sentence, also with -o %s", async (format) => {
    const terminal = onTerminal([...program, "expiring", ...kv, "-o", format], environmentOf(lab));
    const { exit, screen } = await terminal.left;
    expect(exit).toBe(10);
    expect(screen.toString()).toMatch(/late.*\nusc: In https:\/\/.*: 1 about to expire\.\r?\n$/su);
    expect(screen.toString()).not.toContain('"code"');
  });

  it("is in the audit with its outcome", async () => {
    const { entries } = (await usc(["audit", "list", "--operation", "expiring", "--limit", "1"])).json as { entries: unknown[] };
    expect(entries).toEqual([expect.objectContaining({ item: "/kv", outcome: "changes" })]);
  });
});
