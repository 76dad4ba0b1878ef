// Loads the program's chunks with V8's code cache, taken when a process ends: unlike Node's own compile cache it then holds
// the functions that were compiled while it ran, and a warm `usc get` costs a seventh less.
"use strict";
const fs = require("node:fs");
const { Script } = require("node:vm");

const kept = 4; // programs whose caches stay: an upgrade must not leave its forerunners behind for ever

/**
 * A `require` for the chunks in `dist`. Each chunk is named by its digest, so `program`, the entry's name, stands for all of them. A cache holds
 * what one command uses of them: `word` is the command's first.
 */
module.exports = function loader(dist, program, word) {
  const home = ownCacheFolder();
  // V8 refuses what another version of it has made; the name keeps two Nodes from overwriting each other all day.
  const build = home && `${home}/${program}.${process.version}-${process.arch}`;
  const cache = build && /^[a-z-]{1,40}$/.test(word) ? `${build}/${word}` : undefined;
  const modules = new Map();
  const fresh = [];
  // A word that is no command never succeeds, and leaves nothing.
  if (cache) process.on("exit", (code) => code === 0 && save(home, build, cache, fresh));

  // The build sees to it that nothing needs Zod while it is loaded, and a warm read needs none at all.
  const chunk = (name) => (name.startsWith("zod-") ? new Proxy({}, { get: (_, member) => load(name)[member] }) : load(name));

  return load;

  function load(name) {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(name, module);
    const source = fs.readFileSync(`${dist}/${name}`, "latin1");
    const cachedData = cache && read(`${cache}/${name}`);
    const script = new Script(source, { filename: `${dist}/${name}`, cachedData });
    if (cachedData === undefined || script.cachedDataRejected) fresh.push({ name, script });
    script.runInThisContext()(module.exports, (id) => (id.startsWith("./") ? chunk(id.slice(2)) : require(id)), module, dist);
    return module.exports;
  }
};

/** Looked at when it is open: by its name it could be another one by then. */
function read(path) {
  let file;
  try {
    file = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    return fs.fstatSync(file).uid === process.getuid() ? fs.readFileSync(file) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

/** Never worth a failure: a full disk or two processes at once cost the next start its speed, nothing else. */
function save(home, build, cache, fresh) {
  if (fresh.length === 0) return;
  try {
    if (!fs.existsSync(build)) {
      fs.mkdirSync(build, { mode: 0o700 });
      removeOldest(home);
    }
    if (!fs.existsSync(cache)) fs.mkdirSync(cache, { mode: 0o700 });
    for (const { name, script } of fresh) {
      const beside = `${cache}/.${process.pid}-${name}`;
      fs.writeFileSync(beside, script.createCachedData(), { mode: 0o600, flag: "wx" });
      fs.renameSync(beside, `${cache}/${name}`);
    }
  } catch {}
}

function removeOldest(home) {
  const programs = fs.readdirSync(home).map((name) => ({ name, at: fs.statSync(`${home}/${name}`).mtimeMs }));
  const old = programs.sort((a, b) => b.at - a.at).slice(kept);
  for (const { name } of old) fs.rmSync(`${home}/${name}`, { recursive: true, force: true });
}

/** A code cache is code: only a folder that nobody else can write to may hold it. */
function ownCacheFolder() {
  const home = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`);
  if (!home || !process.getuid) return undefined;
  try {
    if (!fs.existsSync(home)) fs.mkdirSync(home, { mode: 0o700 });
    // Whoever may rename in it could put another folder in the place of the one that is checked below (`sudo` that keeps HOME).
    const above = fs.statSync(home);
    if ((above.uid !== process.getuid() && above.uid !== 0) || ((above.mode & 0o022) !== 0 && (above.mode & 0o1000) === 0))
      return undefined;
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
