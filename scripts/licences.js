import { readdirSync, readFileSync } from "node:fs";

const packageOf = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** What the bundled packages' licences ask for: each one's name, version and text, from the modules that are really in the bundle. */
export function licencesOf(modules) {
  const folders = new Set(modules.flatMap((module) => packageOf.exec(module)?.[1] ?? []));
  const texts = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence text to pass on`);
    return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
  });
  return `usc contains code of these packages.\n\n${texts.sort().join(`\n${"-".repeat(80)}\n\n`)}`;
}
