#!/usr/bin/env node
// No static import: an old Node must get as far as the sentence below.
process.title = "usc"; // before anything else: it takes the flags, and the secrets among them, out of the process list
const version = "0.1.0";
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(`usc needs Node 24.15 or newer, and this is ${process.versions.node}.\n`);
  process.exit(2);
}

const fs = process.getBuiltinModule("node:fs");

if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "version")) {
  fs.writeSync(1, `${version}\n`);
  process.exit(0);
}

const { createRequire, enableCompileCache } = process.getBuiltinModule("node:module");
const cache = ownCacheFolder();
if (cache) enableCompileCache(cache);

const entry = new URL("../dist/main.cjs", import.meta.url);
if (fs.existsSync(entry)) {
  const { main } = createRequire(import.meta.url)("../dist/main.cjs");
  process.exit(await main(process.argv.slice(2)));
}
fs.writeSync(2, "usc is not built yet: run `npm ci && npm run build` in its folder.\n");
process.exit(1);

/** A code cache is code: only a folder that nobody else can write to may hold it. */
function ownCacheFolder() {
  const home = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`);
  if (!home || !process.getuid) return undefined;
  try {
    if (!fs.existsSync(home)) fs.mkdirSync(home, { mode: 0o700 });
    for (const folder of [`${home}/usc`, `${home}/usc/compile`]) {
      if (!fs.existsSync(folder)) fs.mkdirSync(folder, { mode: 0o700 });
      const stat = fs.lstatSync(folder);
      if (!stat.isDirectory() || stat.uid !== process.getuid() || (stat.mode & 0o077) !== 0) return undefined;
    }
    return `${home}/usc/compile`;
  } catch {
    return undefined;
  }
}
