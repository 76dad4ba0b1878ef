import { licencesOf } from "./licences.js";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/**
 * Commander can run subcommands as programs of their own; ours are none, and loading child_process costs 4 ms. The others it has as default imports, for each of which every
 * member would be copied: 0.7 ms.
 */
const builtinsOfCommander = {
  "node:child_process": "export default {};",
  "node:fs": 'export default process.getBuiltinModule("node:fs");',
  "node:path": 'export default process.getBuiltinModule("node:path");',
  "node:process": "export default process;",
};

const lightCommander = {
  name: "light-commander",
  resolveId: (id, importer) => (importer?.includes("/commander/") && id in builtinsOfCommander ? `\0${id}` : undefined),
  load: (id) => builtinsOfCommander[id.slice(1)],
  // Looked for in each flag, and V8 takes 0.7 ms to compile all letters of Unicode; our flags are ASCII.
  transform: (code, id) => (id.includes("/commander/") ? code.replaceAll("\\p{ID_Continue}", "\\w") : undefined),
};

/**
 * What every call that opens the store needs, in one chunk: each further file costs a tenth of a millisecond. The rest is a chunk per room, and what only a
 * gateway or a keeper of keys and copies needs is none of it.
 */
const core =
  /src\/(kernel\/(?!beside|json-schema)|environment|app|rooms|adapters\/state\/(?!keeper|copy|restore|rotate-key|stored-copy|audit-prune|audit-verify)|adapters\/network\/|faces\/cli\/(run|find-command|flags|gather|line|meant|print|show|ears|report)|features\/(targets|connectors)\/(find|model|clouds|open))|node_modules\/commander\//;

/** And what every read of a vault needs beside it. */
const reads =
  /src\/adapters\/azure\/(index|vault-url|object-reference|transport|agents|challenge|read|session|token-cache|persist|pacing|answers|errors|forbidden|failures)\.ts|src\/features\/objects\/(?!certificate-(?:create|get|update|import|probe|port)|issuance)/;

/** What the gateway's page at /docs is made of: packed, it is a quarter. */
const pageFiles = ["swagger-ui-bundle.js", "swagger-ui.css"];

/** Rolldown, since esbuild splits ESM only and the read path is CommonJS: 0.07 of a bare request cheaper. */
export async function bundle({ rolldown }, root) {
  // Built beside and swapped in: a program that runs meanwhile finds the old one or the new one.
  const made = `${root}dist.new-${process.pid}`;
  const old = `${root}dist.old-${process.pid}`;
  const built = await rolldown({
    input: { main: `${root}src/main.ts`, "x509-thread": `${root}src/adapters/x509/thread.ts` },
    platform: "node",
    // ESM where a package has both: its CommonJS half is larger, and where the halves meet each chunk would load a helper more.
    resolve: { mainFields: ["module", "main"] },
    cwd: root,
    transform: {
      target: "node24",
      // Each request the Azure SDK builds asks for `typeof FormData`, and that loads all of undici: 24 ms. No call of ours sends a form.
      define: { FormData: "undefined", "import.meta.dirname": "__dirname" },
    },
    treeshake: true,
    plugins: [lightCommander],
    logLevel: "warn",
  });
  const { output } = await built.generate({
    format: "cjs",
    entryFileNames: "[name]-[hash].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    minify: true,
    codeSplitting: {
      groups: [
        { name: "zod", test: /node_modules\/zod\// },
        { name: "core", test: core },
        { name: "reads", test: reads },
      ],
    },
    comments: { legal: true, jsdoc: false, annotation: false },
  });
  await built.close();
  mkdirSync(made);
  for (const chunk of output) writeFileSync(`${made}/${chunk.fileName}`, asFunction(chunk.code));
  const pages = pageFiles.map((file) => ({ file, path: `${root}node_modules/swagger-ui-dist/${file}` }));
  for (const { file, path } of pages) writeFileSync(`${made}/${file}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
  writeFileSync(`${made}/LICENCES.txt`, licencesOf([...modules, ...pages.map(({ path }) => path)]));
  const { describe } = await import("../src/describe.ts");
  const { recordShapes } = await import("../src/record-shapes.ts");
  writeFileSync(`${made}/records.json`, JSON.stringify(recordShapes));
  writeFileSync(`${made}/manifest.ndjson`, (await describe()).map((command) => JSON.stringify(command)).join("\n"));
  if (existsSync(`${root}dist`)) renameSync(`${root}dist`, old);
  renameSync(made, `${root}dist`);
  rmSync(old, { recursive: true, force: true });
}

/** As the launcher takes it. One character beyond Latin 1 would double what V8 keeps of a chunk: as an escape it is the same text. */
const asFunction = (code) =>
  `(function (exports, require, module, __dirname) {${code}\n})`.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
