import { userInfo } from "node:os";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { canaries } from "../support/canary.ts";
import { hostileTexts } from "../support/hostile-texts.ts";
import { localAzure } from "../support/local-azure.ts";
import { program, start, until } from "../support/program.ts";

const lab = await localAzure();
const { usc, home, folder, said } = lab;
const tiny = join(folder, "tiny");
mkdirSync(tiny);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", tiny]).status === 0;
afterAll(async () => {
  if (mounted) spawnSync("umount", ["-l", tiny]);
  await lab.stop();
});
const asRoot = process.geteuid?.() === 0;
const kv = ["--usc-name", "kv"];

async function entries(...flags: string[]): Promise<Record<string, unknown>[]> {
  const ran = await usc(["audit", "list", ...flags]);
  if (ran.exit !== 0) throw new Error(ran.stderr);
  return ran.json["entries"] as Record<string, unknown>[];
}

const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/u);

describe("after a day's work", () => {
  it("the audit says who did what, as which identity, with which outcome, and Azure's id of the request", async () => {
    await usc(["create", ...kv, "-s", "one", "-v", "value-of-one"]);
    await usc(["get", ...kv, "-s", "one"]);
    await usc(["get", ...kv, "-s", "two"]);
    await usc(["usc-resolve", "azurevault://kv/one"]);
    await usc(["copy-object", ...kv, "-s", "one", "--secret-name", "three"]);
    const about = {
      time: expect.stringMatching(/Z$/u),
      caller: userInfo().username,
      item: "/kv",
      identity: "/t",
      duration_ms: expect.any(Number),
    };
    expect(await entries("-n", "kv", "--limit", "6")).toMatchObject([
      { ...about, operation: "copy-object", object: "one", to: "three", outcome: "ok", request_id: uuid },
      { ...about, operation: "usc-resolve", object: "azurevault://kv/one", outcome: "ok", request_id: uuid },
      { ...about, operation: "get", object: "two", outcome: "not_found", request_id: uuid },
      { ...about, operation: "get", object: "one", outcome: "ok", request_id: uuid },
      { ...about, operation: "create", object: "one", outcome: "ok", request_id: uuid },
      { operation: "create-usc", item: "/kv", outcome: "ok" },
    ]);
    expect((await entries("--operation", "target create azure")).map(({ item }) => item)).toEqual(["/t"]);
    expect((await entries("--since", "1h")).length).toBeGreaterThan(6);
  });

  it("the audit is proven, also after the key was rotated, and what is old can go", async () => {
    const before = await usc(["audit", "verify"]);
    expect(before.json).toEqual({ count: expect.any(Number), last: expect.any(Number), head: expect.stringMatching(/^[0-9a-f]{64}$/u) });
    expect((await usc(["key", "rotate"])).exit).toBe(0);
    expect(Number((await usc(["audit", "verify"])).json["last"])).toBe(Number(before.json["last"]) + 3);
    expect((await usc(["audit", "prune", "--before", "2020-01-01T00:00:00+02:00"])).json).toMatchObject({ removed: 0 });
    expect((await usc(["audit", "verify"])).exit).toBe(0);
  });

  it.each([
    [["list", "--since", "yesterday"], "--since is not valid: expected a time such as 2027-01-31T00:00:00Z, or a duration such as 24h."],
    [["list", "--since", "24"], "--since is not valid"],
    [["list", "-n", "a//b"], "That is no item name"],
    [["prune", "--before", "24h"], "--before is not valid: expected a time"],
    [["prune", "--before", "2999-01-01T00:00:00Z"], "--before is not valid: it lies in the future."],
    [["prune"], "--before is missing."],
  ])("audit %j is refused in one sentence", async (argv, sentence) => {
    const { exit, failure } = await usc(["audit", ...argv]);
    expect(exit).toBe(2);
    expect(failure.error).toContain(sentence);
  });
});

describe("a local Azure that is started", () => {
  it("says in the audit that it registered its cloud, and that it took it back", async () => {
    const { child, ended } = start(lab, [...program, "emulator", "start", "--name", "second"]);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    child.kill("SIGTERM");
    expect((await ended).exit).toBe(0);
    expect((await entries("-n", "second")).map(({ operation, outcome }) => [operation, outcome])).toEqual([
      ["emulator stop", "ok"],
      ["emulator start", "ok"],
    ]);
  });
});

describe("S12 a command that is killed with -9 between its intent and its outcome", () => {
  it("is unknown in the audit, which stays whole", async () => {
    await lab.control("/faults", "POST", { method: "PUT", path: "/secrets/*", hold: true });
    const { child, ended } = start(lab, [...program, "create", ...kv, "-s", "killed", "-v", "x", "--overwrite"]);
    await until("the vault holds the request", async () => {
      const { faults } = (await lab.control("/faults")) as { faults: { held: number }[] };
      return faults[0]?.held === 1;
    });
    const running = await entries("--limit", "1");
    child.kill("SIGKILL");
    await ended;
    await lab.control("/faults", "DELETE");
    const [row] = (await entries("--operation", "create", "--limit", "1")) as [Record<string, unknown>];
    expect(row).toMatchObject({ operation: "create", object: "killed", outcome: "unknown" });
    expect(running).toEqual([row]);
    expect((await usc(["audit", "verify"])).exit).toBe(0);
  });
});

describe.runIf(mounted)("S12 on a full disk (needs the right to mount)", () => {
  const there = join(tiny, "state");
  const env = { USC_HOME: there };

  function fill(): void {
    cpSync(home, there, { recursive: true });
    chmodSync(there, 0o700);
    writeFileSync(join(tiny, "ballast"), "");
    spawnSync("sh", ["-c", `cat /dev/zero > ${join(tiny, "ballast")} 2>/dev/null`]);
  }

  it("no write sends a request, each says why, and a read goes through with a warning", async () => {
    fill();
    await lab.control("/requests", "DELETE");
    const writes = [
      ["create", ...kv, "-s", "five", "-v", "x"],
      ["create", ...kv, "-s", "one", "-v", "x", "--overwrite"],
      ["update", ...kv, "-s", "one", "-v", "x"],
      ["delete", ...kv, "-s", "one", "--force-delete"],
      ["copy-object", ...kv, "-s", "one", "--secret-name", "six"],
      ["recover", ...kv, "-s", "one"],
      ["purge", ...kv, "-s", "one"],
      ["validate", ...kv],
    ];
    for (const argv of writes) {
      const { exit, failure } = await usc(argv, { env });
      expect([argv[0], exit, failure]).toEqual([
        argv[0],
        7,
        {
          error: expect.stringContaining("Nothing was done, since it could not be audited. The disk is full"),
          code: "unavailable",
          hint: expect.any(String),
        },
      ]);
    }
    expect(await lab.requests()).toEqual([]);

    const read = await usc(["get", ...kv, "-s", "one", "-o", "raw"], { env });
    expect(read).toMatchObject({ exit: 0, stdout: "value-of-one" });
    expect(read.stderr).toMatch(/^usc: warning: `get` ended with "ok", and that could not be audited\. The disk is full: .*\n$/u);

    rmSync(join(tiny, "ballast"));
    expect((await usc(["create", ...kv, "-s", "five", "-v", "x"], { env })).exit).toBe(0);
    expect((await usc(["audit", "verify"], { env })).exit).toBe(0);
  });
});

describe.runIf(asRoot)("S12 in a folder that is read-only (needs root to become somebody who may not write)", () => {
  it("a read goes through with a warning, and a write does not happen", async () => {
    const there = join(folder, "frozen");
    cpSync(home, there, { recursive: true });
    for (const name of readdirSync(there)) {
      chownSync(join(there, name), 65534, 65534);
      chmodSync(join(there, name), 0o400);
    }
    chownSync(there, 65534, 65534);
    chmodSync(there, 0o500);
    chmodSync(folder, 0o711);
    const how = { env: { USC_HOME: there }, uid: 65534 };
    const read = await usc(["target", "get", "--name", "t"], how);
    expect(read).toMatchObject({ exit: 0, stderr: expect.stringContaining("could not be audited. The store at") });
    const write = await usc(["delete", ...kv, "-s", "one"], how);
    expect(write.failure).toMatchObject({ code: "unavailable", error: expect.stringContaining("is read-only") });
    expect((await usc(["get", ...kv, "-s", "one"])).exit).toBe(0);
  });
});

describe("S12 what is typed", () => {
  it.each(hostileTexts)("cannot forge a line of the audit, nor command a terminal: %j", async (text) => {
    const before = (await entries()).length;
    // What no program can be given on its command line reaches it in no other way either.
    const typed = text.replaceAll("\0", "");
    await usc(["get", "--usc-name", typed, "-s", typed]);
    expect((await entries()).length).toBeLessThanOrEqual(before + 2);
    const [row] = (await entries("--limit", "2")).slice(1) as [Record<string, string | undefined>];
    expect(`${row["item"]}${row["object"]}`).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/u);
  });

  it("as a value is nowhere in it", async () => {
    const value = "canary/audited+51aa ~ zażółć";
    said.length = 0;
    for (const argv of [
      ["create", ...kv, "-s", "c", "-v", value],
      ["create", ...kv, "-s", "bad name", "-v", value],
      ["create", ...kv, "-s", "c", "-v", value, "--object-type", value],
      ["update", ...kv, "-s", "c", "-v", value, "--remote-secret-expires", value],
      ["update", ...kv, "-s", value, "-v", value],
      ["create", "--usc-name", "none", "-s", "c", "-v", value],
    ])
      await usc(argv);
    await usc(["audit", "list", "-o", "ndjson"]);
    expect(canaries(value, { dir: home, texts: { said: said.join("\n") } })).toEqual([]);
  });
});
