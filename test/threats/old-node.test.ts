import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { cli } from "../support/cli.ts";
import { program, start } from "../support/program.ts";

const { folder, home, clean } = cli();
afterAll(clean);

/** The machine's own Nodes that are too old for usc: node_modules/.bin holds the one from the lockfile. */
const old = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((entry) => !entry.includes("node_modules"))
  .map((entry) => join(entry, "node"))
  .flatMap((node) => {
    const [, version, major, minor] =
      /^v((\d+)\.(\d+)\.\d+)$/mu.exec(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout ?? "") ?? [];
    return version !== undefined && Number(major) * 100 + Number(minor) < 2415 ? [{ node, version }] : [];
  });

// The faked version in journeys/bad-input is looked at everywhere.
it.skipIf(old.length === 0)(
  "a real Node that is too old (there must be one on the PATH) gets one sentence and exit 2, whatever is asked",
  async () => {
    for (const { node, version } of old) {
      for (const argv of [[], ["--version"], ["--help"], ["get", "--usc-name", "kv", "-s", "x"], ["demo"]]) {
        const stderr = `usc needs Node 24.15 or newer, and this is ${version}.\n`;
        expect(await start({ folder, home }, [node, ...program.slice(1), ...argv]).ended).toEqual({ exit: 2, stdout: "", stderr });
      }
    }
    expect(readdirSync(folder)).toEqual([]);
  },
);
