import * as z from "zod/mini";
import { checkOf, concluded, stepRow } from "../../kernel/check.ts";
import { UscError } from "../../kernel/errors.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { limits, objectType, patientLimitsOf, uscName } from "./inputs.ts";
import { waitMs } from "./poll.ts";
import { firstPage } from "./list.ts";
import { typeFlag, type ObjectAdapter, type Vault } from "./port.ts";
import { announceProbe, removeProbe, sweepProbes } from "./probe.ts";
import { type Life, lifeOf } from "./shelf.ts";

export const validate = (deps: Deps) =>
  operation({
    name: "validate",
    route: "usc-validate",
    aliases: ["usc-validate"],
    summary: "Runs list, create, get, update and delete through a connector, and cleans up",
    example: "validate --usc-name /prod/kv --junit validate.xml",
    notes:
      "With a secret or self-signed certificate of its own, whose name no other check uses. The exit is that of the step that failed; --junit is for CI.",
    effect: "write",
    needs: [onItem("list"), onItem("create"), onItem("read"), onItem("update"), onItem("delete")],
    steps: "steps",
    input: () => z.object({ "usc-name": uscName(), "object-type": objectType(), ...limits() }),
    output: () =>
      z.object({
        status: z.enum(["ok", "failed"]),
        secret_name: z.string(),
        steps: z.array(stepRow()),
        removed: z.optional(z.array(z.string())),
        stays: z.optional(z.string()),
      }),
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], patientLimitsOf(deps.clock, input));
      const name = `usc-validate-${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
      const life = await lifeOf(deps, input);
      const resume = `usc validate --usc-name ${vault.connector.name}${typeFlag(life.adapter.noun)}`;
      const removed = await sweepProbes(deps, vault, resume).catch((error: unknown) => {
        if (!(error instanceof UscError) || error.code === "interrupted") throw error;
        deps.steps.warn(`What an earlier check left could not be removed. ${error.message}`);
        return [];
      });
      const { check, stays } = await fiveSteps(deps, life, vault, name, resume);
      return concluded(check, {
        status: check.failure ? "failed" : "ok",
        secret_name: name,
        steps: check.rows,
        ...(removed.length > 0 ? { removed } : {}),
        ...(stays === undefined ? {} : { stays }),
      } as const);
    },
  });

async function fiveSteps(deps: Deps, life: Life, vault: Vault, name: string, resume: string) {
  const { adapter, clock, steps } = life;
  const probe =
    adapter.noun === "secret"
      ? secretProbe(deps, vault, name)
      : await (await import("./certificate-probe.ts")).certificateProbe(deps, vault, name, resume);
  const check = checkOf(clock);
  const at = (done: string): void => steps.at({ doing: "Checking", done, resume });
  let stays: string | undefined;
  let created = false;
  await check.step("list", async () =>
    (await firstPage(adapter.pages(vault, { size: 1 }))).items.length > 0
      ? `The vault has ${adapter.noun}s.`
      : `The vault has no ${adapter.noun}s.`,
  );
  await check.step("create", async () => {
    at("Nothing was written.");
    await announceProbe(life, vault, name, clock.now() + waitMs);
    created = true;
    await probe.write("one");
    return undefined;
  });
  await check.step("get", async () => {
    await probe.expect("one");
    return undefined;
  });
  await check.step("update", async () => {
    await probe.write("two");
    await probe.expect("two");
    return undefined;
  });
  const remove = async (): Promise<string | undefined> => (stays = await removeProbe(life, vault, name, resume));
  await check.step("delete", remove);
  // What a failed step has left behind goes too, as far as Key Vault lets it; the journal keeps the rest for the next check.
  if (check.failure?.code === "interrupted" && created) await announceProbe(life, vault, name, clock.now());
  else if (created && check.rows.at(-1)?.status === "skipped") await remove().catch(() => {});
  return { check, stays };
}

/** An object that a check writes, by a word for each version of it. */
export interface WrittenProbe {
  write(word: string): Promise<void>;
  /** `conflict` unless the newest version is the one of this word. */
  expect(word: string): Promise<void>;
}

const secretProbe = ({ adapter }: Deps, vault: Vault, name: string): WrittenProbe => ({
  write: async (word) => void (await adapter.set(vault, name, { value: word, tags: { createdBy: "usc-validate" } })),
  expect: (word) => expectValue(adapter, vault, name, word),
});

export const notOurs = (name: string): UscError =>
  new UscError("conflict", `${name} does not hold what was written to it.`, { hint: "Somebody else writes to this name." });

export async function expectValue(adapter: ObjectAdapter, vault: Vault, name: string, value: string): Promise<void> {
  if ((await adapter.get(vault, name)).value !== value) throw notOurs(name);
}
