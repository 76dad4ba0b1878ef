#!/usr/bin/env node
"use strict";
// CommonJS, since Node's module loader costs a millisecond more; and an old Node gets as far as the sentence below.
process.title = "usc"; // before anything else: it takes the flags, and the secrets among them, out of the process list
const version = "0.1.0";
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(`usc needs Node 24.15 or newer, and this is ${process.versions.node}.\n`);
  process.exit(2);
}

const fs = require("node:fs");

if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "version")) {
  process.exit(answer(`${version}\n`));
}

const dist = `${__dirname}/../dist`;
const entry = fs.existsSync(dist) && fs.readdirSync(dist).find((name) => name.startsWith("main-"));
if (!entry) {
  fs.writeSync(2, "usc is not built yet: run `npm ci && npm run build` in its folder.\n");
  process.exit(1);
}
const load = require("./code-cache.js")(dist, entry, process.argv[2]);
load(entry)
  .main(process.argv.slice(2))
  .then((code) => process.exit(code));

/** Gives the exit code, as faces/cli/print.ts would: a reader that left is no failure. */
function answer(text) {
  try {
    fs.writeSync(1, text);
  } catch (error) {
    if (error.code === "EPIPE") return 0;
    fs.writeSync(2, `usc: The answer could not be written (${error.code}).\n`);
    return 7;
  }
  return 0;
}
