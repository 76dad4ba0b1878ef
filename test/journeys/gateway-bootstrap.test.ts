import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openState, type State } from "../../src/app.ts";
import { bootstrap, type Bootstrap, hasCallers } from "../../src/features/access/bootstrap.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { firstCaller } from "../../src/processes/gateway-first-caller.ts";
import { cli } from "../support/cli.ts";
import { program, start, until } from "../support/program.ts";

type Tool = ReturnType<typeof cli>;
const tools: Tool[] = [];
const running: ReturnType<typeof start>[] = [];
const fresh = (): Tool => {
  const tool = cli();
  tools.push(tool);
  return tool;
};
afterEach(async () => {
  running.forEach(({ child }) => child.kill());
  await Promise.all(running.splice(0).map(({ ended }) => ended));
  for (const tool of tools.splice(0)) tool.clean();
});

/** A gateway until it is ready, or has ended. */
async function gateway(tool: Tool, ...flags: readonly string[]) {
  const process = start(tool, [...program, "gateway", "start", "--listen", "127.0.0.1:0", ...flags]);
  running.push(process);
  let [said, warned] = ["", ""];
  process.child.stdout?.on("data", (text: string) => (said += text));
  process.child.stderr?.on("data", (text: string) => (warned += text));
  await until("a gateway is ready or ends", () => said.includes("\n") || process.child.exitCode !== null);
  if (process.child.exitCode !== null) return { ended: await process.ended };
  const { url } = JSON.parse(said) as { url: string };
  const login = async (key: Partial<Bootstrap>): Promise<number> => {
    const body = JSON.stringify({ "access-id": key.access_id, "access-key": key.access_key });
    return (await fetch(`${url}/auth`, { method: "POST", headers: { "content-type": "application/json" }, body })).status;
  };
  return { url, login, warned: () => warned };
}

const keyIn = (file: string): Bootstrap => JSON.parse(readFileSync(file, "utf8")) as Bootstrap;

describe("the first start of a gateway", () => {
  it("G13 makes one key when two start at once, and both serve it", async () => {
    const tool = fresh();
    await tool.usc(["list-items"]);
    const files = ["a", "b"].map((name) => join(tool.folder, `${name}.json`));
    const both = await Promise.all(files.map((file) => gateway(tool, "--bootstrap-file", file)));
    const written = files.filter((file) => existsSync(file));
    expect(written).toHaveLength(1);
    expect(statSync(written[0] ?? "").mode & 0o777).toBe(0o600);
    const key = keyIn(written[0] ?? "");
    for (const { login } of both) expect(await login?.(key)).toBe(200);
    const { json } = await tool.usc(["list-auth-methods"]);
    expect(json["auth_methods"]).toEqual([expect.objectContaining({ auth_method_name: "/admin", auth_method_access_id: key.access_id })]);
  });

  it("G13 keeps one file of two that found nobody at the same instant, and the other is told", async () => {
    const tool = fresh();
    const options = { home: tool.home, environment: {} };
    await openState(options);
    const files = ["a", "b"].map((name) => join(tool.folder, `${name}.json`));
    const said: string[] = [];
    await Promise.all(files.map(async (file) => firstCaller(await openState(options), file, (sentence) => void said.push(sentence))));
    expect(files.filter((file) => existsSync(file))).toHaveLength(1);
    expect(said).toEqual(["Another gateway was faster, and its key is the admin's."]);
  });

  it("G13 that is killed before the key is stored has handed out one that is good for nothing, and the next start says so", async () => {
    const tool = fresh();
    const file = join(tool.folder, "admin.json");
    const store: State = await openState({ home: tool.home, environment: {} });
    const killed = { ...store, commit: () => Promise.reject(new Error("killed")) };
    const hand = (made: Bootstrap): void => writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
    await expect(bootstrap({ store: killed, clock: systemClock }, hand)).rejects.toThrow("killed");
    expect(await hasCallers({ store })).toBe(false);

    const { ended } = await gateway(tool, "--bootstrap-file", file);
    expect(ended?.exit).toBe(4);
    expect(ended?.stderr).toContain("nobody can log in yet: no key in it is good here");
    const left = keyIn(file);
    rmSync(file);
    const { login } = await gateway(tool, "--bootstrap-file", file);
    expect(await login?.(left)).toBe(401);
    expect(await login?.(keyIn(file))).toBe(200);
  });

  it("G13 whose key was lost is made good on the machine itself, as the guide says", async () => {
    const tool = fresh();
    const file = join(tool.folder, "admin.json");
    await gateway(tool, "--bootstrap-file", file);
    rmSync(file);
    const { json: key } = await tool.usc(["create-auth-method-api-key", "--name", "rescue"]);
    expect((await tool.usc(["assoc-role-am", "--role-name", "admin", "--am-name", "rescue"])).exit).toBe(0);
    const { login } = await gateway(tool);
    expect(await login?.(key)).toBe(200);
  });

  it("whose admin is gone says how one comes back, and takes no role that somebody made for him", async () => {
    const tool = fresh();
    await tool.usc(["create-role", "--name", "admin"]);
    const file = join(tool.folder, "admin.json");
    const { ended } = await gateway(tool, "--bootstrap-file", file);
    expect(ended?.exit).toBe(4);
    expect(JSON.parse(ended?.stderr ?? "")).toMatchObject({
      code: "conflict",
      hint: expect.stringContaining("assoc-role-am --role-name admin"),
    });
    expect(existsSync(file)).toBe(false);
    await tool.usc(["create-auth-method-api-key", "--name", "me"]);
    expect((await gateway(tool)).url).toBeDefined();
  });

  it("without a terminal and without a file is a usage error, and makes nobody", async () => {
    const tool = fresh();
    const { ended } = await gateway(tool);
    expect(ended?.exit).toBe(2);
    expect(JSON.parse(ended?.stderr ?? "")).toMatchObject({ code: "usage", hint: expect.stringContaining("--bootstrap-file") });
    expect((await tool.usc(["list-auth-methods"])).json).toMatchObject({ auth_methods: [] });
  });
});
