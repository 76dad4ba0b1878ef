import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { canaries } from "../support/canary.ts";
import { localAzure } from "../support/local-azure.ts";
import { environmentOf, program, start, until } from "../support/program.ts";
import { onTerminal } from "../support/terminal.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const { usc, folder, home } = lab;
const canary = "canary/run+91be ~ zażółć";
const key = `-----BEGIN KEY-----\n${"Zm9vYmFy".repeat(8)}\r\n==\n-----END KEY-----\n`;
const secrets: Record<string, string> = {
  "db-password": canary,
  "tls-key": key,
  pin: "123",
  settings: JSON.stringify({ db: { user: "jsonuser" } }),
};
for (const [name, value] of Object.entries(secrets))
  await usc(["create", "--usc-name", "kv", "-s", name, "--value-file", "-"], { input: value });

const line = (...words: string[]): string[] => ["run", "--usc-name", "kv", "--map", "DB=db-password", ...words];
const node = process.execPath;
/** usc, running a program of these lines. */
const script = (code: string, ...words: string[]): string[] => line(...words, "--", node, "-e", code);
const running = (words: readonly string[]) => start(lab, [...program, ...words]);

describe("usc run gives a program", () => {
  it("the values, byte for byte, and our environment without what is ours", async () => {
    const file = join(folder, "environment");
    const ran = await usc(line("--map", "KEY=tls-key", "--map", "DB_USER=settings#db.user", "--", "sh", "-c", `env -0 > "${file}"`), {
      env: { KEPT: "kept", USC_OTHER: "ours", usc_small: "ours" },
    });
    expect([ran.exit, ran.stdout]).toEqual([0, ""]);
    const found = new Map(
      readFileSync(file, "utf8")
        .split("\0")
        .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
    );
    expect([found.get("DB"), found.get("KEY"), found.get("DB_USER"), found.get("KEPT")]).toEqual([canary, key, "jsonuser", "kept"]);
    expect([...found.keys()].filter((name) => /^usc/iu.test(name))).toEqual([]);
  });

  it("its words as they are: no shell reads them", async () => {
    const ran = await usc(
      script("console.log(process.argv.slice(1).join('|'))", "--search", "x").concat("$HOME", "a b", "*", "`id`", "--all", "--"),
    );
    expect(ran.stdout).toBe("$HOME|a b|*|`id`|--all|--\n");
  });

  it("standard input, byte for byte", async () => {
    const input = Buffer.from([0, 255, 10, 13, 10]);
    expect((await usc(line("--", "cat"), { input })).bytes).toEqual(input);
  });

  it.runIf(process.platform === "linux")("C11 no descriptor of ours: those that it has without us (needs Linux's /proc)", async () => {
    const list = ["sh", "-c", "echo /proc/$$/fd/*"];
    const descriptors = (text: string): string[] => [...text.matchAll(/fd\/(\d+)/gu)].map(([, number = ""]) => number);
    const without = await start(lab, list).ended;
    expect(descriptors((await usc(line("--", ...list))).stdout)).toEqual(descriptors(without.stdout));
  });

  it.runIf(process.platform === "linux")("no value in any process list (needs Linux's /proc)", async () => {
    const ran = await usc(line("--", "sh", "-c", "cat /proc/$$/cmdline /proc/$PPID/cmdline | tr '\\0' ' '"));
    expect(ran.stdout).toMatch(/^sh -c cat .* usc *$/u);
    expect(ran.stdout).not.toContain("***");
  });
});

describe("usc run ends as the program ends", () => {
  it.each([0, 1, 7, 10, 127, 255])("with its exit code %i", async (code) => {
    expect(await usc(line("--", "sh", "-c", `exit ${code}`))).toMatchObject({ exit: code, stdout: "", stderr: "" });
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("by the signal %s", async (signal) => {
    const { child, ended } = running(line("--", "sh", "-c", `kill -${signal.slice(3)} $$`));
    expect((await ended).exit).toBe(null);
    expect(child.signalCode).toBe(signal);
  });

  it.each([
    ["KILL", 137],
    ["ABRT", 134],
    ["SEGV", 139],
    ["PIPE", 141],
  ])("by SIG%s, with the number that a shell shows, and without a dump of our memory", async (signal, exit) => {
    expect((await usc(line("--", "sh", "-c", `kill -${signal} $$`))).exit).toBe(exit);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const)(
    "passes %s on, and the program decides",
    async (signal) => {
      const code = `process.on("${signal}", () => { console.log("heard"); process.exitCode = 42; clearInterval(alive); });
      const alive = setInterval(() => {}, 1e6); console.log("ready");`;
      const { child, ended } = running(script(code));
      let said = "";
      child.stdout?.on("data", (text: string) => (said += text));
      await until("the program is ready", () => said === "ready\n");
      child.kill(signal);
      expect(await ended).toMatchObject({ exit: 42, stdout: "ready\nheard\n", stderr: "" });
    },
  );

  it("when nobody reads its output any more", async () => {
    const { child } = running(line("--", "yes"));
    child.stdout?.once("data", () => child.stdout?.destroy());
    await new Promise((resolve) => child.once("exit", resolve));
    // By the signal, or by the error that it is told instead.
    expect([141, 1]).toContain(child.exitCode);
  });
});

describe("usc run on a terminal", () => {
  it("leaves Ctrl-C to the terminal, which tells the program: once, and usc waits for its end", async () => {
    const code = `let heard = 0; process.on("SIGINT", () => { heard += 1; setImmediate(() => setImmediate(() => { console.log("heard " + heard); process.exit(5); })); });
      setInterval(() => {}, 1e6); console.log("ready");`;
    const terminal = onTerminal([...program, ...script(code)], environmentOf(lab));
    await terminal.shows("ready");
    terminal.type("\u0003");
    const { exit, screen } = await terminal.left;
    expect(exit).toBe(5);
    expect(screen.toString()).toContain("heard 1");
  });
});

describe("usc run masks", () => {
  it("values in both streams, whole or by the line, also into a pipe", async () => {
    const code =
      "console.log(`a ${process.env.DB} b`); console.error(process.env.KEY); console.log(process.env.KEY.split('\\n')[1].trim() + '!')";
    const ran = await usc(script(code, "--map", "KEY=tls-key"));
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toBe("a *** b\n***!\n");
    expect(ran.stderr).toContain("***\n");
    expect(
      canaries(canary, { dir: folder, texts: { stdout: ran.stdout, stderr: ran.stderr } }).filter((place) => place !== "environment"),
    ).toEqual([]);
    expect(ran.stdout + ran.stderr).not.toMatch(/Zm9v|BEGIN/u);
  });

  it("a value that comes in pieces", async () => {
    const code = `const [a, b] = [process.env.DB.slice(0, 9), process.env.DB.slice(9)];
      process.stdout.write("<" + a, () => setImmediate(() => process.stdout.write(b + ">")));`;
    expect((await usc(script(code))).stdout).toBe("<***>");
  });

  it("nothing else: what ends like the beginning of a value is shown when the program ends", async () => {
    expect((await usc(script(`process.stdout.write(process.env.DB.slice(0, 9))`))).stdout).toBe(canary.slice(0, 9));
  });

  it("no value under 4 characters, and says so", async () => {
    const ran = await usc(line("--map", "PIN=pin", "--", "sh", "-c", "echo 1234"));
    expect(ran.stdout).toBe("1234\n");
    expect(ran.stderr).toBe("usc: Not masked, since values and lines under 4 characters are not: PIN.\n");
  });

  it("and cuts nothing of a program that is fast, or says much", async () => {
    const many = await Promise.all(Array.from({ length: 8 }, () => usc(line("--", "echo", "fast"))));
    expect(many.map(({ stdout }) => stdout)).toEqual(many.map(() => "fast\n"));
    const ran = await usc(script("process.stdout.write('0123456789abcde\\n'.repeat(400_000)); process.stderr.write('x'.repeat(300_000))"));
    expect([ran.stdout.length, ran.stderr.length, ran.stdout.replaceAll("0123456789abcde\n", "")]).toEqual([6_400_000, 300_000, ""]);
  });
});

describe("usc run --all", () => {
  it("gives every secret under its own name; --map goes before", async () => {
    const ran = await usc([
      "run",
      "-n",
      "kv",
      "--all",
      "--map",
      "PIN=settings#db.user",
      "--",
      "sh",
      "-c",
      'echo "${#DB_PASSWORD} ${#TLS_KEY} ${#SETTINGS} ${#PIN}"',
    ]);
    expect(ran.exit).toBe(0);
    expect(ran.stdout.split(" ").slice(2)).toEqual([String(secrets["settings"]?.length), "8\n"]);
  });

  it("takes what is searched for, and nothing that steers programs", async () => {
    await usc(["create", "--usc-name", "kv", "-s", "ld-preload", "-v", "/tmp/evil.so"]);
    const refused = await usc(["run", "-n", "kv", "--all", "--", "env"]);
    expect([refused.exit, refused.stdout, refused.failure.error]).toEqual([
      4,
      "",
      "The secret ld-preload would become the variable LD_PRELOAD, which steers programs.",
    ]);
    expect(
      (await usc(["run", "-n", "kv", "--all", "--search", "tls", "--", "sh", "-c", "echo ${DB_PASSWORD-none} ${TLS_KEY+some}"])).stdout,
    ).toBe("none some\n");
  });
});

describe("C9 usc run finds its program", () => {
  const here = join(folder, "here");
  mkdirSync(here);
  writeFileSync(join(here, "tool"), "#!/bin/sh\necho from here\n");
  chmodSync(join(here, "tool"), 0o755);
  writeFileSync(join(here, "text"), "no program");

  it("in absolute folders of PATH only, never in the current one", async () => {
    const { ended } = start(lab, [...program, ...line("--", "tool")], { cwd: here, env: { PATH: `.::${join("..", "here")}` } });
    const { exit, stdout, stderr } = await ended;
    expect([exit, stdout, JSON.parse(stderr)]).toEqual([127, "", expect.objectContaining({ code: "not_found" })]);
    const found = start(lab, [...program, ...line("--", "tool")], { cwd: "/", env: { PATH: `.:${here}` } });
    expect(await found.ended).toMatchObject({ exit: 0, stdout: "from here\n" });
  });

  it("by a path that was typed, from where one stands", async () => {
    const { ended } = start(lab, [...program, ...line("--", "./tool")], { cwd: here });
    expect(await ended).toMatchObject({ exit: 0, stdout: "from here\n" });
  });

  it("or says so: 127 where there is none, 126 where it cannot be run; no shell tries", async () => {
    expect((await usc(line("--", "no-such-program; id"))).exit).toBe(127);
    const { ended } = start(lab, [...program, ...line("--", "./text")], { cwd: here });
    expect((await ended).exit).toBe(126);
  });
});

describe("usc run refuses", () => {
  it.each([
    ["no program", line(), /no program to run/u],
    ["nothing behind --", line("--"), /no program to run/u],
    ["no secret", ["run", "-n", "kv", "--", "true"], /no secret to run with/u],
    ["a map that is none", ["run", "-n", "kv", "--map", "canary", "--", "true"], /--map is not valid/u],
    ["a variable that is none", ["run", "-n", "kv", "--map", "1A=canary", "--", "true"], /--map is not valid/u],
    ["one variable twice", line("--map", "DB=pin", "--", "true"), /--map names DB twice/u],
    ["a flag that it does not know", line("--shell", "--", "true"), /does not take these flags/u],
    ["a program without --", line("true"), /does not take these flags/u],
    ["no connector", ["run", "--map", "A=pin", "--", "true"], /--usc-name is missing/u],
  ])("%s", async (_, words, sentence) => {
    const ran = await usc(words);
    expect([ran.exit, ran.stdout]).toEqual([2, ""]);
    expect(ran.failure.error).toMatch(sentence);
    expect(ran.stderr).not.toContain("canary");
  });

  it("to start the program when a secret cannot be read", async () => {
    const ran = await usc(line("--map", "X=absent", "--", "echo", "started"));
    expect([ran.exit, ran.stdout, ran.failure.code]).toEqual([3, "", "not_found"]);
  });
});

describe("usc run is audited", () => {
  it("for each secret, by name", async () => {
    await usc(line("--map", "KEY=tls-key", "--", "true"));
    const { entries } = (await usc(["audit", "list", "--operation", "run", "--limit", "2"])).json as { entries: unknown[] };
    expect(entries).toEqual([
      expect.objectContaining({ item: "/kv", object: "tls-key", outcome: "ok" }),
      expect.objectContaining({ item: "/kv", object: "db-password", outcome: "ok" }),
    ]);
  });

  it("and leaves no value in the state", () => {
    expect(canaries(canary, { dir: home, texts: {} })).toEqual([]);
  });
});
