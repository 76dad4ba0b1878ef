import * as z from "zod/mini";
import { choice, count, pairs } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { Steps } from "../../kernel/steps.ts";
import { readAll } from "../objects/find.ts";
import { limits, patientLimitsOf, search, uscName } from "../objects/inputs.ts";
import type { Deps } from "./deps.ts";
import { writeJson, writeYaml } from "./document.ts";
import { writeDotenv } from "./dotenv-write.ts";
import { type Entry, entryOf } from "./entry.ts";
import { shortestMask, type Told, writeAzdo, writeGithub } from "./pipelines.ts";
import { variablesOf } from "./variable-name.ts";

const formats = ["dotenv", "json", "yaml", "github", "azdo"] as const;

export const exportAll = ({ adapter, clock, steps, openVault }: Deps) =>
  operation({
    name: "export",
    route: "usc-export",
    summary: "Writes all secrets of a vault as dotenv, JSON or YAML, or as variables of a CI job",
    example: "export --usc-name /prod/kv --tag app=web --format dotenv --out-file .env",
    notes:
      'Enabled secrets only, without the ones behind certificates. `db-password` becomes `DB_PASSWORD`; json and yaml keep the names. github: `usc export --format github >> "$GITHUB_ENV"`, with the masks on stderr, which the runner reads as well; azdo: print it in a step. Lines under 4 characters are not masked. -o json wraps it all in JSON.',
    effect: "read",
    needs: [onItem("list"), onItem("read")],
    text: { field: "text", log: "masks" },
    input: () =>
      z.object({
        "usc-name": uscName(),
        format: choice("How it is written (default: dotenv)", formats, { short: "f" }),
        search: search(),
        tag: pairs("Only secrets with this tag; may be repeated"),
        concurrency: count("How many are read at a time (default: 16)", [1, 64]),
        ...limits(),
      }),
    output: () =>
      z.object({
        exported: z.array(z.object({ name: z.string(), variable: z.optional(z.string()), binary_value: z.boolean() })),
        format: z.enum(formats),
        text: z.string(),
        /** For the log of a GitHub job. */
        masks: z.optional(z.string()),
        unmasked: z.optional(z.array(z.string())),
      }),
    run: async (input) => {
      const vault = await openVault(input["usc-name"], patientLimitsOf(clock, input));
      const format = input.format ?? "dotenv";
      const entries: Entry[] = [];
      const wanted = { search: input.search, tags: input.tag };
      for await (const secret of readAll(adapter, vault, wanted, input.concurrency ?? 16)) entries.push(entryOf(secret));
      const named = format === "json" || format === "yaml";
      const variables = named ? new Map<string, string>() : variablesOf(entries.map(({ name }) => name));
      const { multiline, unmasked, ...told } = writers[format](entries, variables);
      if (!named) warn(steps, format, entries, { multiline, unmasked });
      const exported = entries.map(({ name, binary }) => {
        const variable = variables.get(name);
        return { name, ...(variable === undefined ? {} : { variable }), binary_value: binary };
      });
      return { exported, format, ...told, ...(unmasked.length > 0 ? { unmasked } : {}) };
    },
  });

const plain = (text: string): Told => ({ text, unmasked: [], multiline: [] });

const writers: Readonly<Record<(typeof formats)[number], (entries: readonly Entry[], variables: ReadonlyMap<string, string>) => Told>> = {
  dotenv: (entries, variables) => plain(writeDotenv(entries, variables)),
  json: (entries) => plain(writeJson(entries)),
  yaml: (entries) => plain(writeYaml(entries)),
  github: writeGithub,
  azdo: writeAzdo,
};

function warn(
  steps: Steps,
  format: string,
  entries: readonly Entry[],
  { multiline, unmasked }: Pick<Told, "multiline" | "unmasked">,
): void {
  const binary = entries.filter((entry) => entry.binary).map(({ name }) => name);
  if (binary.length > 0) steps.warn(`Binary, so the variable holds base64: ${binary.join(", ")}.`);
  if (unmasked.length > 0)
    steps.warn(`Not masked, since values and lines under ${shortestMask} characters are not: ${unmasked.join(", ")}.`);
  if (format === "azdo" && multiline.length > 0)
    steps.warn(`Of several lines, which Azure Pipelines takes only with SYSTEM_UNSAFEALLOWMULTILINESECRET=true: ${multiline.join(", ")}.`);
}
