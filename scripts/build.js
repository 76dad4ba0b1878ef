// Bundles src/ into dist/: one CommonJS chunk per room, loaded on demand, and the manifest of all commands.
// Plain JS, and safe on an old Node: `npm ci` runs it before anything of ours is in place.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [major] = process.versions.node.split(".").map(Number);

// `npx usc` in the checkout runs `prepare` again each time.
if (process.env.npm_command === "exec" && existsSync(`${root}dist/manifest.ndjson`)) process.exit(0);

const rolldown = await import("rolldown").catch(() => undefined);
if (rolldown === undefined || major < 24) {
  console.error("usc: not built, since the bundler or Node 24 is missing. `npm ci && npm run build` with both builds it.");
  process.exit(0);
}
const { bundle } = await import("./bundle.js");
await bundle(rolldown, root);
