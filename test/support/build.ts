import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Journeys run what a user runs: the built program, built from what stands in src now. */
export default function setup(): () => void {
  const script = join(import.meta.dirname, "../../scripts/build.js");
  // `npx vitest` is no `npx usc`, for which the script leaves the program as it is.
  execFileSync(process.execPath, [script], { stdio: "inherit", env: { ...process.env, npm_command: "" } });
  // Where the children of tests keep what they have compiled.
  const compiled = mkdtempSync(join(tmpdir(), "usc-compiled-"));
  process.env["USC_TEST_COMPILED"] = compiled;
  return () => rmSync(compiled, { recursive: true, force: true });
}
