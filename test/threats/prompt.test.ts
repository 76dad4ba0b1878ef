import { afterAll, describe, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";
import { environmentOf, program, start } from "../support/program.ts";
import { onTerminal } from "../support/terminal.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const kv = ["--usc-name", "kv"];
const canary = "canary zażółć 🗝 @-$(x) 4b1e";

const ask = (...argv: string[]) => onTerminal([...program, ...argv], environmentOf(lab));

describe("the hidden prompt", () => {
  it("C3 C12 takes the exact bytes that are typed, shows none of them, and gives the terminal back", async () => {
    const terminal = ask("create", ...kv, "-s", "asked");
    await terminal.shows("The value: ");
    terminal.type(`${canary}\r`);
    const left = await terminal.left;
    expect(left).toMatchObject({ exit: 0, echoed: false, echoes: true, edits: true });
    expect(left.screen.toString()).toMatch(/^The value: \n\{\n {2}"secret_id": "[^"]*",\n {2}"version_id": "[^"]*"\n\}\n$/u);
    expect((await lab.usc(["get", ...kv, "-s", "asked", "-o", "raw"])).stdout).toBe(canary);
  });

  it("takes back a character, and the whole line", async () => {
    const terminal = ask("create", ...kv, "-s", "edited");
    await terminal.shows("The value: ");
    terminal.type("wrong\u0015zażó🗝\u007f\u007fół\r");
    expect((await terminal.left).exit).toBe(0);
    expect((await lab.usc(["get", ...kv, "-s", "edited", "-o", "raw"])).stdout).toBe("zażół");
  });

  it.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("C12 %s gives up: 130, one sentence, nothing written, and the terminal as it was", async (_, key) => {
    const terminal = ask("target", "create", "azure", "--name", "given-up", "--tenant-id", guid, "--client-id", guid);
    await terminal.shows(": ");
    terminal.type(`canary-half${key}`);
    const left = await terminal.left;
    expect(left).toMatchObject({ exit: 130, echoes: true, edits: true });
    expect(left.screen.toString()).toMatch(/^[^\n]+: \nusc: Given up at the prompt\.\n$/u);
    expect((await lab.usc(["target", "get", "--name", "given-up"])).exit).toBe(3);
  });

  it("C12 a signal at the prompt ends it with its code and the terminal as it was", async () => {
    const terminal = onTerminal(
      ["sh", "-c", 'echo $$; exec "$@"', "sh", ...program, "create", ...kv, "-s", "signalled"],
      environmentOf(lab),
    );
    await terminal.shows("The value: ");
    const [pid = ""] = terminal.screen().split("\n");
    process.kill(Number(pid), "SIGTERM");
    expect(await terminal.left).toMatchObject({ exit: 143, echoes: true, edits: true });
  });

  const silence = "usc: --value is missing.\nhint: The value\n";

  it("--no-input asks nothing: usage", async () => {
    const { exit, screen } = await ask("create", ...kv, "-s", "unasked", "--no-input").left;
    expect({ exit, screen: screen.toString() }).toEqual({ exit: 2, screen: silence });
  });

  it.each(["</dev/null", "<&-"])("C18 nobody is asked who cannot answer (%s): usage", async (stdin) => {
    const words = ["sh", "-c", `exec "$@" ${stdin}`, "sh", ...program, "create", ...kv, "-s", "unasked"];
    const { exit, screen } = await onTerminal(words, environmentOf(lab)).left;
    expect({ exit, screen: screen.toString() }).toEqual({ exit: 2, screen: silence });
    const failure = { error: "--value is missing.", code: "usage", hint: "The value" };
    expect(await start(lab, words).ended).toEqual({ exit: 2, stdout: "", stderr: `${JSON.stringify(failure)}\n` });
  });
});

const guid = "11111111-2222-4333-8444-555555555555";
