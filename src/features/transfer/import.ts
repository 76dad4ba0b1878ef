import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { choice, count, flag, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import { inParallel } from "../../kernel/parallel.ts";
import { limits, limitsOf, uscName } from "../objects/inputs.ts";
import type { Vault } from "../objects/port.ts";
import type { Deps } from "./deps.ts";
import { entriesOf, readJson } from "./document.ts";
import { readDotenv } from "./dotenv-read.ts";
import type { Entry } from "./entry.ts";
import { creations, paced } from "./pace.ts";
import { checkEntries, type Planned, planned } from "./plan.ts";

const formats = ["dotenv", "json", "yaml"] as const;
const actions = ["create", "update", "same", "failed"] as const;

export const importAll = (deps: Deps) =>
  operation({
    name: "import",
    route: "usc-import",
    summary: "Writes many secrets from dotenv, JSON or YAML into a vault",
    example: "import --usc-name /prod/kv --format dotenv --file .env --dry-run",
    notes:
      "Reads what `usc export` writes, byte for byte. Prints a line for each secret, never a value: create, update, same or failed. --dry-run prints the plan only, with exit 10 if there is something to do. Existing secrets of another value are refused before anything is written, unless --overwrite: then they get a new version, with the attributes of the one before. What failed is listed, with exit 9; the same command goes on.",
    effect: "write",
    needs: [onItem("read"), onItem("create"), onItem("update")],
    text: { field: "text" },
    input: () =>
      z.object({
        "usc-name": uscName(),
        format: choice("How it is written (default: dotenv)", formats, { short: "f" }),
        content: optionalText("The names and values", { secret: true, emptyIsValue: true, fromFile: "file", maxBytes: 256 * 1024 * 1024 }),
        "dry-run": flag("Print the plan, and write nothing"),
        overwrite: flag("Make a new version where a secret exists with another value"),
        concurrency: count("How many are read or written at a time (default: 16)", [1, 64]),
        ...limits(),
      }),
    output: () =>
      z.object({
        plan: z.array(z.object({ action: z.enum(actions), name: z.string(), code: z.optional(z.string()), error: z.optional(z.string()) })),
        dry_run: z.boolean(),
        text: z.string(),
      }),
    run: async (input) => {
      const entries = await entriesIn(deps, input.format ?? "dotenv", input.content);
      checkEntries(entries);
      // The pace is Key Vault's: an hour is room for a hundred thousand.
      const vault = await deps.openVault(input["usc-name"], limitsOf(deps.clock, { timeout: 3600, ...input }));
      const lanes = input.concurrency ?? 16;
      const plan: Planned[] = [];
      for await (const item of inParallel(entries, lanes, (entry) => planned(deps.adapter, vault, entry, deps.clock.now())))
        plan.push(item);
      if (input["dry-run"] === true) return dryRun(plan, vault);
      refuseOverwriting(plan, input.overwrite === true, vault);
      return concluded(await written(deps, vault, plan, lanes), vault);
    },
  });

async function entriesIn(deps: Deps, format: (typeof formats)[number], content: string | undefined): Promise<Entry[]> {
  if (content === undefined) throw new UscError("usage", "--file is missing.", { hint: "A path, or - for standard input." });
  if (format === "dotenv") return readDotenv(content);
  return entriesOf(format === "json" ? readJson(content) : await deps.readYaml(content));
}

const answer = (plan: readonly Planned[], dry: boolean) => ({
  plan: plan.map((item) => ({
    action: item.action,
    name: item.name,
    ...(item.action === "failed" ? { code: item.error.code, error: item.error.message } : {}),
  })),
  dry_run: dry,
  text: plan.map((item) => `${item.action} ${item.name}${item.action === "failed" ? `: ${item.error.message}` : ""}\n`).join(""),
});

function dryRun(plan: readonly Planned[], { url }: Vault) {
  const shown = answer(plan, true);
  const number = (action: string): number => plan.filter((item) => item.action === action).length;
  if (number("same") === plan.length) return shown;
  const sentence = `${url}: ${number("create")} to create, ${number("update")} to update, ${number("failed")} that cannot be written.`;
  throw new UscError("changes", sentence, { answer: shown });
}

function refuseOverwriting(plan: readonly Planned[], overwrite: boolean, { url }: Vault): void {
  const existing = plan.filter(({ action }) => action === "update").map(({ name }) => name);
  if (overwrite || existing.length === 0) return;
  throw new UscError("conflict", `Nothing was written: in ${url} there are other values of ${some(existing)}.`, {
    hint: "--overwrite makes new versions of them; --dry-run shows the plan.",
  });
}

/** The plan, carried out. A failure of one does not keep the others from being written. */
async function written(deps: Deps, vault: Vault, plan: readonly Planned[], lanes: number): Promise<Planned[]> {
  const { adapter, clock, steps } = deps;
  const turn = paced(clock, (ms) => steps.pause(ms), creations);
  const total = plan.filter(({ action }) => action === "create" || action === "update").length;
  let done = 0;
  const step = () => ({
    doing: "Writing",
    done: `${done} of ${total} secrets are written to ${vault.url}.`,
    resume: `usc import --usc-name ${vault.connector.name}`,
  });
  let stopped = false;
  const write = async (item: Planned): Promise<Planned> => {
    if (stopped || item.action === "same" || item.action === "failed") return item;
    try {
      steps.at(step());
      await turn();
      steps.at(step());
      await adapter.set(vault, item.name, item.write);
      done += 1;
      return item;
    } catch (error) {
      if (!(error instanceof UscError)) throw error;
      if (error.code !== "interrupted") return { name: item.name, action: "failed", error };
      stopped = true;
      return item;
    }
  };
  const results: Planned[] = [];
  for await (const result of inParallel(plan, lanes, write)) results.push(result);
  // Told when all that was under way has arrived.
  if (stopped) steps.at(step());
  return results;
}

function concluded(results: readonly Planned[], { url }: Vault) {
  const shown = answer(results, false);
  const failed = results.flatMap((item) => (item.action === "failed" ? [item] : []));
  const [first] = failed;
  if (first === undefined) return shown;
  const { requestId, hint } = first.error.details;
  // One cause for all of them is told as what it is.
  if (failed.length === results.length && failed.every(({ error }) => error.code === first.error.code))
    throw new UscError(first.error.code, first.error.message, { requestId, hint, answer: shown });
  throw new UscError(
    "partial",
    `${failed.length} of ${results.length} secrets were not written to ${url}: ${some(failed.map(({ name }) => name))}.`,
    {
      hint: "The lines say why. The same command goes on; what is written is `same` by then.",
      answer: shown,
    },
  );
}

const some = (names: readonly string[]): string =>
  names.length <= 10 ? names.join(", ") : `${names.slice(0, 10).join(", ")} and ${names.length - 10} more`;
