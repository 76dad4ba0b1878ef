import { afterAll, describe, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";
import { environmentOf, program } from "../support/program.ts";
import { onTerminal } from "../support/terminal.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const kv = ["--usc-name", "kv"];
const ask = (...argv: string[]) => onTerminal([...program, ...argv], environmentOf(lab));
const make = (name: string) => lab.usc(["create", ...kv, "-s", name, "--value", "v"]);

describe("before a purge, at a terminal", () => {
  it.each(["y\r", "yes\r", " YES \r"])("C17 %j goes on; the question names secret and connector", async (answer) => {
    await make("doomed");
    const terminal = ask("delete", ...kv, "-s", "doomed", "--force-delete");
    await terminal.shows('Purge "doomed" in "/kv" for good? [y/N] ');
    terminal.type(answer);
    expect((await terminal.left).exit).toBe(0);
    expect((await lab.usc(["get", ...kv, "-s", "doomed"])).exit).toBe(3);
  });

  it.each([
    ["Enter", "\r"],
    ["n", "n\r"],
    ["anything else", "yesterday\r"],
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("C12 %s leaves everything as it is: 130", async (_, keys) => {
    await make("spared");
    const terminal = ask("delete", ...kv, "-s", "spared", "--force-delete");
    await terminal.shows("[y/N] ");
    terminal.type(keys);
    expect(await terminal.left).toMatchObject({ exit: 130, echoes: true, edits: true });
    expect(terminal.screen()).toContain("nothing was done");
    expect((await lab.usc(["get", ...kv, "-s", "spared"])).exit).toBe(0);
  });

  it.each([
    ["--yes", ["--yes"]],
    ["-y", ["-y"]],
    ["--no-input", ["--no-input"]],
  ])("%s is not asked", async (_, flags) => {
    await make("quick");
    const { exit, screen } = await ask("delete", ...kv, "-s", "quick", "--force-delete", ...flags).left;
    expect(exit).toBe(0);
    expect(screen.toString()).not.toContain("[y/N]");
  });

  it("a plain delete is not asked, and a script never", async () => {
    await make("plain");
    expect((await ask("delete", ...kv, "-s", "plain").left).exit).toBe(0);
    expect((await lab.usc(["purge", ...kv, "-s", "plain"])).exit).toBe(0);
  });

  it.each([
    "a\u001b[2K\rb",
    "x\u202efdp.exe",
    'safe" in "other',
    "line\nbreak",
    "\u009b31m",
    "bell\u0007",
    "zero\u200bwidth",
    "\ufeffbom",
    "\u2028sep",
    "\u001b]8;;http://evil\u0007link",
  ])("C17 a name like %j is refused before anything is asked", async (name) => {
    const { exit, screen } = await ask("purge", ...kv, "-s", name).left;
    expect(exit).toBe(2);
    expect(screen.toString()).toMatch(/^usc: [\x20-\x7e]+\nhint: [\x20-\x7e]+\n$/u);
  });

  it("C17 a connector that purges asks as well", async () => {
    await lab.usc(["update-item", "--name", "kv", "--enable-purge"]);
    await make("kept");
    const terminal = ask("delete", ...kv, "-s", "kept");
    await terminal.shows('Purge "kept" in "/kv" for good? [y/N] ');
    terminal.type("n\r");
    expect((await terminal.left).exit).toBe(130);
    await lab.usc(["update-item", "--name", "kv", "--enable-purge", "false"]);
    expect((await lab.usc(["get", ...kv, "-s", "kept"])).exit).toBe(0);
  });
});

describe("C12 a signal while a command waits for Key Vault", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s stops between two steps, says what is done and how to go on, and exits with %d", async (signal, code) => {
    await lab.control("/settings", "PUT", { delays: { delete: 600_000 } });
    await make(`slow-${code}`);
    const terminal = onTerminal(
      ["sh", "-c", 'echo $$; exec "$@"', "sh", ...program, "delete", ...kv, "-s", `slow-${code}`],
      environmentOf(lab),
    );
    await terminal.shows(`Waiting until slow-${code} is deleted ...`);
    process.kill(Number(terminal.screen().split("\n")[0]), signal);
    expect((await terminal.left).exit).toBe(code);
    expect(terminal.screen()).toContain(`usc: Stopped. The deletion of slow-${code} has begun.`);
    expect(terminal.screen()).toContain(`hint: \`usc delete --usc-name /kv --secret-id slow-${code}\` goes on from here.`);
    await lab.control("/clock", "POST", { advance_seconds: 601 });
    await lab.control("/settings", "PUT", { delays: { delete: 0 } });
    expect((await lab.usc(["delete", ...kv, "-s", `slow-${code}`, "--force-delete"])).exit).toBe(0);
  });
});
