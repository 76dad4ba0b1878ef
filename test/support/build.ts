import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Journeys run what a user runs: the built program, built from what stands in src now. */
export default function setup(): void {
  const script = join(import.meta.dirname, "../../scripts/build.js");
  // `npx vitest` is no `npx usc`, for which the script leaves the program as it is.
  execFileSync(process.execPath, [script], { stdio: "inherit", env: { ...process.env, npm_command: "" } });
}
