import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkout } from "../support/cli.ts";

it("the launcher may be executed: `npx usc` in a fresh clone runs the file itself", () => {
  expect(() => accessSync(join(checkout, "bin/usc.js"), constants.X_OK)).not.toThrow();
});
