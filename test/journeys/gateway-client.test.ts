import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { logins } from "../../src/features/profiles/model.ts";
import { canaries } from "../support/canary.ts";
import { cli, type How } from "../support/cli.ts";
import { gatewayOver } from "../support/gateway.ts";
import { relayTo } from "../support/gateway-relay.ts";
import { localAzure } from "../support/local-azure.ts";
import { environmentOf, program } from "../support/program.ts";
import { onTerminal } from "../support/terminal.ts";

// A machine with the state, the vault and a gateway over them, and another one that has only a profile.
const lab = await localAzure();
const far = cli();
let gateway: Awaited<ReturnType<typeof gatewayOver>>;
let relay: Awaited<ReturnType<typeof relayTo>>;
const kv = ["--usc-name", "kv"];
const ci = (argv: string[], how: How = {}) => far.usc([...argv, "--profile", "ci"], how);
const configure = (profile: string, url: string) =>
  far.usc(["configure", "--profile", profile, "--gateway-url", url, "--access-id", gateway.admin.access_id, "--access-key-file", "-"], {
    input: `${gateway.admin.access_key}\n`,
  });

beforeAll(async () => {
  gateway = await gatewayOver(lab);
  relay = await relayTo(gateway.url);
  await configure("ci", relay.url);
  await lab.usc(["create", ...kv, "-s", "shared", "--value", '{"user":"u"}']);
});
afterAll(async () => {
  await relay.stop();
  await gateway.stop();
  await lab.stop();
  far.clean();
});

const store = () => openStore({ home: far.home });
const loginOf = async (profile: string) => (await store().collection(logins).get(profile))?.value;

describe("a command through a gateway", () => {
  it("answers, fails and exits as it does alone", async () => {
    const argv = ["get", ...kv, "-s", "shared"];
    expect(await ci(argv)).toMatchObject({ exit: 0, stdout: (await lab.usc(argv)).stdout, stderr: "" });
    const [here, there] = [await lab.usc(["get", ...kv, "-s", "none"]), await ci(["get", ...kv, "-s", "none"])];
    expect(there).toMatchObject({ exit: 3, stdout: "" });
    expect({ ...there.failure, request_id: "" }).toEqual({ ...here.failure, request_id: "" });
  });

  it("is one request there and one at the vault, once the profile's token is kept", async () => {
    await ci(["get", ...kv, "-s", "shared"]);
    await lab.control("/requests", "DELETE");
    relay.asked.length = 0;
    expect((await ci(["get", ...kv, "-s", "shared"])).exit).toBe(0);
    expect(relay.asked.map(({ path }) => path)).toEqual(["/usc-get"]);
    expect((await lab.requests()).map(({ method, path }) => `${method} ${path}`)).toEqual([
      expect.stringMatching(/^GET \/secrets\/shared/u),
    ]);
  });

  it("sends what was given and nothing else", async () => {
    relay.asked.length = 0;
    await ci(["get", ...kv, "-s", "shared", "-o", "raw"]);
    expect(relay.asked[0]?.body).toEqual({ "usc-name": "kv", "secret-id": "shared" });
  });

  it("writes raw bytes, rows and files where the command was typed", async () => {
    const file = join(far.folder, "out.bin");
    const bytes = Buffer.from([0, 255, 10, 13, 200]);
    expect((await ci(["create", ...kv, "-s", "bytes", "--value-file", "-"], { input: bytes })).exit).toBe(0);
    expect((await ci(["get", ...kv, "-s", "bytes", "-o", "raw"])).bytes).toEqual(bytes);
    expect((await ci(["get", ...kv, "-s", "bytes", "--out-file", file])).exit).toBe(0);
    expect({ bytes: readFileSync(file), mode: statSync(file).mode & 0o777 }).toEqual({ bytes, mode: 0o600 });
    expect((await ci(["get", ...kv, "-s", "bytes", "--out-file", file])).exit).toBe(4);
    const rows = await ci(["list", ...kv, "-o", "ndjson"]);
    expect(rows.stdout).toBe((await lab.usc(["list", ...kv, "-o", "ndjson"])).stdout);
    expect((await ci(["get", ...kv, "-s", "shared#user", "-o", "raw"])).stdout).toBe("u");
  });

  it("takes an empty value for one that is meant, and an empty text for one that is not given", async () => {
    expect((await ci(["create", ...kv, "-s", "empty", "--value", "", "--description", ""])).exit).toBe(0);
    expect(await ci(["get", ...kv, "-s", "empty", "-o", "raw"])).toMatchObject({ exit: 0, stdout: "" });
    const asked = ["get", ...kv, "-s", "shared", "--version-id", ""];
    const [here, there] = [await lab.usc(asked), await ci(asked)];
    expect(there).toMatchObject({ exit: here.exit, stdout: here.stdout });
  });

  it("says on stderr what the call says beside its answer", async () => {
    const argv = ["export", ...kv, "--search", "bytes", "--format", "dotenv"];
    const [here, there] = [await lab.usc(argv), await ci(argv)];
    expect(here.stderr).toContain("bytes");
    expect(there).toMatchObject({ exit: here.exit, stdout: here.stdout, stderr: here.stderr });
  });

  it("is asked for at a terminal before a purge, and a no does nothing", async () => {
    const ask = (...argv: string[]) => onTerminal([...program, ...argv, "--profile", "ci"], environmentOf(far));
    const doomed = ["-s", "doomed", "--force-delete"];
    await lab.usc(["create", ...kv, "-s", "doomed", "--value", "v"]);
    const spared = ask("delete", ...kv, ...doomed);
    await spared.shows('Purge "doomed" in "/kv" for good? [y/N] ');
    spared.type("n\r");
    expect((await spared.left).exit).toBe(130);
    expect((await lab.usc(["get", ...kv, "-s", "doomed"])).exit).toBe(0);
    const purged = ask("delete", ...kv, ...doomed);
    await purged.shows("[y/N] ");
    purged.type("y\r");
    expect((await purged.left).exit).toBe(0);
    expect((await lab.usc(["list-deleted", ...kv, "--search", "doomed"])).json["secrets_list"]).toEqual([]);
  });

  it("takes what every command takes also before its words", async () => {
    const list = ["list-items", "--type", "usc"];
    const { json } = await ci(list);
    for (const before of [
      ["--profile", "ci"],
      ["--profile=ci", "--json"],
      ["--quiet", "true", "-o", "json", "--profile", "ci"],
    ])
      expect((await far.usc([...before, ...list])).json, before.join(" ")).toEqual(json);
    expect((await far.usc(["--profile", "ci"])).failure).toMatchObject({ code: "usage", error: "A command is missing." });
  });

  it("run: reads the secrets there and runs the program here, which gets neither token nor address", async () => {
    const token = await gateway.login(gateway.admin);
    const env = { USC_GATEWAY_URL: gateway.url, USC_TOKEN: token };
    const child = ["--", "sh", "-c", 'printf "%s" "$SHARED" | wc -c; env | grep -c USC_'];
    expect((await far.usc(["run", ...kv, "--map", "SHARED=shared", ...child], { env })).stdout).toBe("12\n0\n");
    expect((await far.usc(["run", ...kv, "--all", "--search", "shared", "--profile", "ci", ...child])).stdout).toBe("12\n0\n");
    const { exit, failure } = await far.usc(["run", ...kv, "--map", "X=none", ...child], { env });
    expect({ exit, code: failure.code }).toEqual({ exit: 3, code: "not_found" });
  });

  it("demo: is the machine's own, whatever the environment says of gateways", async () => {
    const ran = await far.usc(["demo"], { env: { USC_GATEWAY_URL: "http://127.0.0.1:9", USC_PROFILE: "none", USC_TOKEN: "t" } });
    expect(ran.exit).toBe(0);
  });

  it("tells its one request with --verbose, and no token", async () => {
    const { stderr } = await ci(["get", ...kv, "-s", "shared", "--verbose"]);
    expect(stderr).toMatch(/^POST http:\/\/127\.0\.0\.1:\d+\/usc-get 200 \d+ ms \S+\n$/u);
  });
});

describe("a profile", () => {
  it("stands sealed: neither its key nor its token is on the disk, or in anything that was said", async () => {
    const token = (await loginOf("ci"))?.token ?? "";
    expect(token).toMatch(/^t-[0-9a-f]{64}$/u);
    for (const secret of [token, gateway.admin.access_key]) {
      expect(canaries(secret, { dir: far.home, texts: { said: far.said.join("") } })).toEqual([]);
    }
    expect((await far.usc(["profile", "list"])).json).toEqual({
      profiles: [{ profile: "ci", gateway_url: relay.url, access_id: gateway.admin.access_id }],
    });
  });

  it("logs in anew, once, when its token was revoked; and two commands at once both get through", async () => {
    const { token = "" } = (await loginOf("ci")) ?? {};
    await gateway.post("revoke-token", { token });
    relay.asked.length = 0;
    const both = await Promise.all(["shared", "shared"].map((name) => ci(["get", ...kv, "-s", name])));
    expect(both.map(({ exit }) => exit)).toEqual([0, 0]);
    expect(relay.asked.filter(({ path }) => path === "/auth").length).toBeLessThanOrEqual(2);
    expect((await loginOf("ci"))?.token).not.toBe(token);
    relay.asked.length = 0;
    await ci(["get", ...kv, "-s", "shared"]);
    expect(relay.asked.map(({ path }) => path)).toEqual(["/usc-get"]);
  });

  it("logs in anew when its token is about to end", async () => {
    const kept = await loginOf("ci");
    if (kept === undefined) throw new Error("no login");
    const opened = store();
    await opened.commit([opened.collection(logins).put("ci", { ...kept, expires: Date.now() + 5000 })]);
    relay.asked.length = 0;
    await ci(["get", ...kv, "-s", "shared"]);
    expect(relay.asked.map(({ path }) => path)).toEqual(["/auth", "/usc-get"]);
  });

  it("that is made anew is another caller's: the token of the one before is not used", async () => {
    const { json: key } = await gateway.post("create-auth-method-api-key", { token: await gateway.login(gateway.admin), name: "nobody" });
    await configure("moved", relay.url);
    expect((await far.usc(["list-items", "--profile", "moved"])).json["items"]).toHaveLength(1);
    const said = ["configure", "--profile", "moved", "--gateway-url", relay.url, "--access-id", String(key["access_id"])];
    await far.usc([...said, "--access-key", String(key["access_key"])]);
    expect((await far.usc(["list-items", "--profile", "moved"])).json["items"]).toEqual([]);
    expect((await far.usc(["profile", "delete", "--profile", "moved"])).exit).toBe(0);
    expect((await far.usc(["list-items", "--profile", "moved"])).exit).toBe(3);
  });

  it("with a wrong key is refused by the gateway in its own words: exit 5", async () => {
    await far.usc(["configure", "--profile", "wrong", "-u", gateway.url, "--access-id", "p-none", "--access-key-file", "-"], {
      input: "k",
    });
    const { exit, failure } = await far.usc(["list-items", "--profile", "wrong"]);
    expect({ exit, failure }).toEqual({
      exit: 5,
      failure: { error: "The access id and the key do not belong together.", code: "gateway_unauthenticated" },
    });
  });

  it("shows its key at its own gateway alone", async () => {
    const elsewhere = await far.usc(["list-items", "--profile", "ci", "--gateway-url", gateway.url]);
    expect(elsewhere).toMatchObject({ exit: 2, failure: { code: "usage", error: expect.stringContaining("another gateway") } });
  });

  it("asks at a terminal for its key, and shows none of it", async () => {
    const terminal = onTerminal(
      [...program, "configure", "--profile", "asked", "-u", gateway.url, "--access-id", gateway.admin.access_id],
      environmentOf(far),
    );
    await terminal.shows("Access key: ");
    terminal.type(`${gateway.admin.access_key}\r`);
    const left = await terminal.left;
    expect(left).toMatchObject({ exit: 0, echoed: false });
    expect(left.screen.toString()).not.toContain(gateway.admin.access_key);
    expect((await far.usc(["list-items", "--profile", "asked"])).exit).toBe(0);
  });
});

describe("which gateway", () => {
  const items = async (argv: string[], env: Record<string, string> = {}) => (await far.usc(["list-items", ...argv], { env })).exit;

  it("a flag says it, else the environment, else none: then it runs here", async () => {
    const token = await gateway.login(gateway.admin);
    const file = join(far.folder, "token.txt");
    writeFileSync(file, `${token}\n`);
    expect(await items(["-u", gateway.url, "--token", token])).toBe(0);
    expect(await items(["--gateway-url", `${gateway.url}/api/v2/`, "--token-file", file])).toBe(0);
    expect(await items([], { USC_GATEWAY_URL: gateway.url, USC_TOKEN: token })).toBe(0);
    expect(await items([], { USC_PROFILE: "ci" })).toBe(0);
    expect(await items([], { USC_PROFILE: "ci", USC_GATEWAY_URL: "http://127.0.0.1:9" })).toBe(2);
    expect(await items(["--profile", "ci"], { USC_GATEWAY_URL: "http://127.0.0.1:9", USC_TOKEN: "wrong" })).toBe(0);
    expect(await items(["--profile", "none"], {})).toBe(3);
    expect((await far.usc(["list-items", "-u", ""], { env: { USC_GATEWAY_URL: "http://127.0.0.1:9" } })).json["items"]).toEqual([]);
  });

  it("a token has to come from somewhere, and go somewhere", async () => {
    expect(await far.usc(["list-items", "-u", gateway.url])).toMatchObject({ exit: 5, failure: { code: "gateway_unauthenticated" } });
    expect(await far.usc(["list-items", "--token", "t"])).toMatchObject({ exit: 2 });
    const { exit, stderr } = await far.usc(["list-items", "-u", gateway.url, "--token", "canary token"]);
    expect({ exit, said: stderr.includes("canary") }).toEqual({ exit: 2, said: false });
  });

  it("auth gives a token of it", async () => {
    const words = ["auth", "--access-id", gateway.admin.access_id, "--access-key-file", "-", "-u", gateway.url];
    // As `jq -r .access_key` writes it.
    const { exit, json } = await far.usc(words, { input: `${gateway.admin.access_key}\n` });
    expect({ exit, status: (await gateway.post("list-items", { token: json["token"] })).status }).toEqual({ exit: 0, status: 200 });
    expect((await far.usc(["validate-token", "--token", String(json["token"]), "-u", gateway.url])).json["is_valid"]).toBe(true);
  });

  it("auth gives a token of a profile, whose key need not be given again", async () => {
    const { exit, json } = await ci(["auth"]);
    expect({ exit, status: (await gateway.post("list-items", { token: json["token"] })).status }).toEqual({ exit: 0, status: 200 });
    expect(await ci(["auth", "--access-id", "p-another"])).toMatchObject({ exit: 5 });
  });

  it("none where the command is of this machine alone: a flag is refused, the environment is for the others", async () => {
    for (const flag of [
      ["--gateway-url", gateway.url],
      ["--profile", "ci"],
    ]) {
      expect(await far.usc(["profile", "list", ...flag])).toMatchObject({
        exit: 2,
        failure: { error: expect.stringContaining("this machine alone") },
      });
    }
    expect((await far.usc(["profile", "list"], { env: { USC_GATEWAY_URL: "http://127.0.0.1:9" } })).exit).toBe(0);
  });

  it.each([
    "http://gateway.example:8000",
    "http://10.0.0.1",
    "http://127.0.0.1.evil.example",
    "http://0.0.0.0:1",
    "http://loopback.localhost",
  ])("%s is another machine, and is asked without TLS only if that is meant", async (url) => {
    expect(await far.usc(["list-items", "-u", url, "--token", "t"])).toMatchObject({
      exit: 2,
      failure: { error: expect.stringContaining("TLS") },
    });
    const stored = ["configure", "--profile", "plain", "-u", url, "--access-id", "a", "--access-key", "k"];
    expect((await far.usc(stored)).exit).toBe(2);
    expect((await far.usc([...stored, "--insecure-gateway"])).exit).toBe(0);
  });

  it.each([
    "ftp://x",
    "127.0.0.1:8000",
    "http://user:canary@127.0.0.1",
    "http://127.0.0.1?x",
    "http://127.0.0.1#x",
    "https://x:99999",
    "https://",
  ])("%s is no address", async (url) => {
    const { exit, stderr } = await far.usc(["list-items", "-u", url, "--token", "t"]);
    expect({ exit, quoted: stderr.includes("canary") }).toEqual({ exit: 2, quoted: false });
  });
});
