import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cli } from "../support/cli.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
const other = cli();
afterAll(async () => {
  other.clean();
  await lab.stop();
});
const { usc } = lab;
const copy = join(lab.folder, "copy.db");
const keyFile = join(lab.home, "master.key");
const secretOf = async (name: string): Promise<string> => (await usc(["target", "get-details", "--name", name])).stdout;

describe("a state that is copied and put back from the command line", () => {
  it("goes into one file of mode 0600, and into an empty home on another machine with the key file of its time", async () => {
    const made = await usc(["state", "backup", "--out-file", copy]);
    expect({ exit: made.exit, stderr: made.stderr }).toEqual({ exit: 0, stderr: "" });
    expect(made.json).toEqual({
      bytes: statSync(copy).size,
      records: expect.any(Number),
      audit_rows: expect.any(Number),
      audit_head: expect.stringMatching(/^[0-9a-f]{64}$/u),
    });
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    const without = await other.usc(["state", "restore", "--from", copy]);
    expect({ exit: without.exit, hint: without.failure.hint }).toEqual({ exit: 4, hint: expect.stringContaining("--master-key-file") });
    const restored = await other.usc(["state", "restore", "--from", copy, "--master-key-file", keyFile]);
    expect({ exit: restored.exit, stderr: restored.stderr }).toEqual({ exit: 0, stderr: "" });
    expect(restored.json).toMatchObject({ records: made.json["records"], audit: "restored" });
    expect((await other.usc(["target", "get-details", "--name", "t"])).stdout).toContain(lab.ready.client_secret);
    const { entries } = (await other.usc(["audit", "list"])).json as { entries: { operation: string; outcome: string }[] };
    expect(entries.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual(
      expect.arrayContaining(["state restore ok", "create-usc ok", "target create azure ok"]),
    );
    expect((await other.usc(["audit", "verify"])).exit).toBe(0);
  });

  it("is not overwritten by accident, and names what it replaced", async () => {
    const refused = await usc(["state", "restore", "--from", copy]);
    expect({ exit: refused.exit, failure: refused.failure }).toEqual({
      exit: 4,
      failure: { error: "There is a state already, and it holds something.", code: "conflict", hint: expect.stringContaining("--force") },
    });
    const { json } = await usc(["state", "restore", "--from", copy, "--force"]);
    expect(json).toMatchObject({ audit: "continued", replaced_file: expect.stringContaining(join(lab.home, "usc.db.replaced-")) });
    expect(statSync(String(json["replaced_file"])).mode & 0o777).toBe(0o600);
    rmSync(String(json["replaced_file"]));
  });

  it.each([
    ["a file that stands there", ["state", "backup", "--out-file", copy], 4],
    ["a folder that is not", ["state", "backup", "--out-file", join(lab.folder, "none/copy")], 2],
    ["no name", ["state", "backup"], 2],
    ["no such copy", ["state", "restore", "--from", join(lab.folder, "none"), "--force"], 3],
    ["what is no copy", ["state", "restore", "--from", keyFile, "--force"], 4],
    ["two ways at once", ["key", "rotate", "--data-key-only", "--new-master-key-file", keyFile], 2],
    ["a given key where none is given", ["key", "rotate", "--new-master-key-file", keyFile], 2],
  ])("%s is refused in one sentence", async (_, argv, exit) => {
    const before = readdirSync(lab.home);
    const ran = await usc(argv);
    expect({ exit: ran.exit, stdout: ran.stdout }).toEqual({ exit, stdout: "" });
    expect(ran.failure).toMatchObject({ error: expect.stringMatching(/\.$/u), hint: expect.any(String) });
    expect(readdirSync(lab.home)).toEqual(before);
  });
});

describe("a gateway that serves meanwhile", () => {
  it("goes on under a key that was rotated beside it or through it, sees a state that was restored, and serves no copies", async () => {
    const gateway = await gatewayOver(lab);
    let token = await gateway.login(gateway.admin);
    const detail = async (name: string) => gateway.post("target-get-details", { token, name });
    const create = async (name: string) =>
      (
        await gateway.post("target-create-azure", {
          token,
          name,
          "tenant-id": lab.ready.tenant_id,
          "client-id": lab.ready.client_id,
          "client-secret": `secret of ${name}`,
        })
      ).status;
    const before = readFileSync(keyFile);
    expect(await create("/before")).toBe(200);
    expect((await usc(["key", "rotate"])).json).toMatchObject({ master_key: "new" });
    expect(readFileSync(keyFile).equals(before)).toBe(false);
    expect((await detail("/before")).status).toBe(200);
    expect(await create("/between")).toBe(200);
    expect((await gateway.post("key-rotate", { token })).json).toMatchObject({ master_key: "new" });
    expect(await create("/after")).toBe(200);
    for (const name of ["/before", "/between", "/after"]) expect(await secretOf(name)).toContain(`secret of ${name}`);
    expect((await gateway.post("key-rotate", { token, "new-master-key-file": "/etc/passwd" })).json).toMatchObject({ code: "usage" });
    for (const route of ["state-backup", "state-restore"])
      expect((await gateway.post(route, { token, "out-file": "/tmp/x", from: "/tmp/x" })).status).toBe(501);

    const now = join(lab.folder, "now.db");
    expect((await usc(["state", "backup", "--out-file", now])).exit).toBe(0);
    expect((await gateway.post("target-delete", { token, name: "/after" })).status).toBe(200);
    expect((await usc(["state", "restore", "--from", now, "--force"])).exit).toBe(0);
    // Who was logged in when the copy was made is not any more.
    expect((await detail("/after")).status).toBe(401);
    token = await gateway.login(gateway.admin);
    expect((await detail("/after")).status).toBe(200);
    expect(gateway.heard.join("")).not.toMatch(/"level":(?:50|60)/u);
    expect(await gateway.stop()).toBe(0);
  });
});

describe("a master key in USC_MASTER_KEY", () => {
  it("is replaced by the one in a file of the user's, and he hears what is left for him to do", async () => {
    const tool = cli();
    const file = join(tool.folder, "next.key");
    mkdirSync(tool.folder, { recursive: true });
    const [old, next] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
    writeFileSync(file, `${next}\n`, { mode: 0o600 });
    const guid = "11111111-2222-4333-8444-555555555555";
    const create = ["target", "create", "azure", "--name", "/t", "--tenant-id", guid, "--client-id", guid, "--client-secret", "s3cret"];
    const env = { USC_MASTER_KEY: old };
    expect((await tool.usc(create, { env })).exit).toBe(0);
    const bare = await tool.usc(["key", "rotate"], { env });
    expect({ exit: bare.exit, hint: bare.failure.hint }).toEqual({ exit: 2, hint: expect.stringContaining("--new-master-key-file") });
    const ran = await tool.usc(["key", "rotate", "--new-master-key-file", file], { env });
    expect({ exit: ran.exit, json: ran.json }).toEqual({ exit: 0, json: { key_id: expect.any(String), resealed: 0, master_key: "given" } });
    expect(ran.stderr).toMatch(/^usc: Set USC_MASTER_KEY to the new key now\./u);
    const late = await tool.usc(["target", "get-details", "--name", "/t"], { env });
    expect({ exit: late.exit, hint: late.failure.hint }).toEqual({ exit: 4, hint: expect.stringContaining("set the variable to that") });
    const now = { USC_MASTER_KEY: next };
    expect((await tool.usc(["key", "rotate", "--data-key-only"], { env: now })).json).toMatchObject({ master_key: "kept" });
    expect((await tool.usc(["target", "get-details", "--name", "/t"], { env: now })).stdout).toContain("s3cret");
    expect(tool.said.join("")).not.toContain(next);
    tool.clean();
  });
});
