import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Journeys run what a user runs: the built program, built from what stands in src now. */
export default function setup(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, "../../scripts/build.js")], { stdio: "inherit" });
}
