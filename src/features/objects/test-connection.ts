import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { flag } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import { writeOver } from "./write-new.ts";
import type { Deps } from "./deps.ts";
import { limits, patientLimitsOf, uscName } from "./inputs.ts";
import type { Vault } from "./port.ts";
import { firstPage } from "./list.ts";
import { announceProbe, removeProbe } from "./probe.ts";
import { expectValue } from "./validate.ts";

/** Always the same name: where purge protection keeps it, it is one object that is recovered and used again. */
const probeName = "usc-connection-test";
const hour = 3_600_000;

export const testConnection = (deps: Deps) =>
  operation({
    name: "test-connection",
    route: "usc-test-connection",
    aliases: ["usc-test-connection"],
    summary: "Writes, reads and removes a probe through a connector",
    example: "test-connection --usc-name /prod/kv",
    notes: `The probe is the secret ${probeName}. --read-only lists instead, for a target that may not write. A failed test changes nothing of the connector.`,
    effect: "write",
    needs: [onItem("list"), onItem("create"), onItem("read"), onItem("delete")],
    input: () => z.object({ "usc-name": uscName(), "read-only": flag("List only"), ...limits() }),
    output: () =>
      z.object({
        status: z.enum(["SUCCESS", "FAILURE"]),
        errors: z.array(z.object({ reason: z.string(), message: z.string() })),
        errorSummary: z.string(),
        /** Epoch milliseconds. */
        testedAt: z.number(),
        stays: z.optional(z.string()),
      }),
    run: async (input) => {
      const testedAt = deps.clock.now();
      try {
        const vault = await deps.openVault(input["usc-name"], patientLimitsOf(deps.clock, input));
        const stays = input["read-only"] === true ? await listOnce(deps, vault) : await writeAndRemove(deps, vault);
        return { status: "SUCCESS" as const, errors: [], errorSummary: "", testedAt, ...(stays === undefined ? {} : { stays }) };
      } catch (error) {
        if (!(error instanceof UscError) || error.code === "interrupted") throw error;
        const answer = {
          status: "FAILURE",
          errors: [{ reason: error.code, message: error.message }],
          errorSummary: error.message,
          testedAt,
        };
        throw new UscError(error.code, error.message, { ...error.details, answer });
      }
    },
  });

async function listOnce({ adapter }: Deps, vault: Vault): Promise<undefined> {
  await firstPage(adapter.pages(vault, { size: 1 }));
}

async function writeAndRemove(deps: Deps, vault: Vault): Promise<string | undefined> {
  const { adapter, clock } = deps;
  const resume = `usc test-connection --usc-name ${vault.connector.name}`;
  const value = `tested at ${rfc3339(clock.now())}`;
  await announceProbe(deps, vault, probeName, clock.now());
  const probe = { value, tags: { createdBy: "usc" }, expires: clock.now() + hour };
  await writeOver(deps, vault, probeName, () => adapter.set(vault, probeName, probe), "recover");
  await expectValue(adapter, vault, probeName, value);
  return removeProbe(deps, vault, probeName, resume);
}
