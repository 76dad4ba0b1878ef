import type { Reporter, TestModule } from "vitest/node";

/** Ends the run with the one line that a machine reads: `N passed, N failed, N skipped`. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      // A file that could not be loaded has no tests to count, and must not read as a pass.
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0) count.failed += 1;
    }
    process.on("exit", () =>
      process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped\n`),
    );
  }
}
