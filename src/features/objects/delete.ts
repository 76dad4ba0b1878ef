import * as z from "zod/mini";
import type { Clock } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { flag } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { objectType, secretId, uscName } from "./inputs.ts";
import type { ObjectAdapter, OpenVault, ReadReference, Vault } from "./port.ts";

// Azure has been seen to take two minutes until a deletion is visible.
const patience = 180_000;
const pause = 500;

interface Deps {
  adapter: ObjectAdapter;
  clock: Clock;
  openVault: OpenVault;
  readReference: ReadReference;
}

export const remove = (deps: Deps) =>
  operation({
    name: "delete",
    route: "usc-delete",
    aliases: ["usc-delete", "esm-delete"],
    summary: "Deletes a secret; Key Vault keeps it recoverable",
    example: "delete --usc-name /prod/kv --secret-id db-password",
    notes: "--force-delete also purges it, now or if it was deleted before, and waits until that is done.",
    effect: "write",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-id": secretId(),
        "object-type": objectType(),
        "force-delete": flag("Also purge it: the value is gone for good"),
      }),
    output: () => z.object({ name: z.string() }),
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"]);
      const { name, version } = deps.readReference(vault, input["secret-id"], "secrets");
      if (version !== undefined) {
        throw new UscError("usage", "Key Vault deletes a secret with all its versions; --secret-id names only one of them.", {
          hint: "Give the name alone.",
        });
      }
      const force = input["force-delete"] === true;
      await beginDelete(deps, vault, name, force);
      if (force) await purge(deps, vault, name);
      return { name };
    },
  });

async function beginDelete({ adapter }: Deps, vault: Vault, name: string, force: boolean): Promise<void> {
  try {
    await adapter.delete(vault, name);
  } catch (error) {
    const absent = error instanceof UscError && error.code === "not_found";
    if (!absent || !force || (await adapter.deleted(vault, name)) === undefined) throw error;
  }
}

async function purge({ adapter, clock }: Deps, vault: Vault, name: string): Promise<void> {
  const deadline = clock.now() + patience;
  while (!(await purged(adapter, vault, name))) {
    if (clock.now() > deadline) {
      throw new UscError(
        "unavailable",
        `The secret ${name} is deleted, but Key Vault has not let it be purged within ${patience / 1000} s.`,
        {
          hint: "The same command goes on from here.",
        },
      );
    }
    await clock.sleep(pause);
  }
}

/** A deletion that is not visible yet cannot be purged: absent then means "not yet". */
async function purged(adapter: ObjectAdapter, vault: Vault, name: string): Promise<boolean> {
  if ((await adapter.deleted(vault, name)) === undefined) return false;
  return adapter.purge(vault, name);
}
