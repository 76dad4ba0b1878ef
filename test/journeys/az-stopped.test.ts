import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { cli } from "../support/cli.ts";
import { fakeAz } from "../support/fake-az.ts";
import { program, start } from "../support/program.ts";

const { usc, folder, home, clean } = cli();
afterAll(clean);

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends az, and what az has started, together with usc", { timeout: 60_000 }, async (signal, exit) => {
  const name = signal.toLowerCase();
  const pipe = join(folder, name);
  execFileSync("mkfifo", [pipe]);
  // Who holds the pipe is alive: az itself and a child of its.
  const az = fakeAz(join(folder, `az ${name}`), `exec 3> '${pipe}'\necho here >&3\nsleep 600 &\nsleep 600`);
  await usc(["target", "create", "azure", "--name", name, "--connection-type", "azure-cli"]);
  const reader = createReadStream(pipe);
  const { child, ended } = start({ folder, home }, [...program, "target", "test", "--name", name, "--timeout", "600"], {
    env: { PATH: `${az.path}:${process.env["PATH"]}` },
  });
  reader.on("data", () => void child.kill(signal));
  const closed = new Promise<void>((resolve) => reader.on("close", () => resolve()));
  expect(await ended).toMatchObject({ exit, stdout: "" });
  await closed;
});
