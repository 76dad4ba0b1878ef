import * as z from "zod/mini";
import type { Clock } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { flag } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { objectType, secretId, uscName } from "./inputs.ts";
import type { ObjectAdapter, OpenVault, ReadReference, Vault } from "./port.ts";

// Azure has been seen to take two minutes until a deletion is visible.
const patience = 180_000;
const settling = 10_000;
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
      if (input["force-delete"] === true) await deleteForGood(deps, vault, name);
      else await deps.adapter.delete(vault, name);
      return { name };
    },
  });

async function deleteForGood({ adapter, clock }: Deps, vault: Vault, name: string): Promise<void> {
  const absent = await adapter.delete(vault, name).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (absent !== undefined && !(absent instanceof UscError && absent.code === "not_found")) throw absent;
  const began = clock.now();
  for (let before = "nothing"; clock.now() < began + patience;) {
    const outcome = await adapter.purge(vault, name);
    if (outcome === "purged") return;
    if (outcome === "absent") {
      // Not there, and not deleted before: there never was anything to purge.
      if (absent !== undefined && before === "nothing") throw absent;
      // It was on its way and is gone: somebody else has purged it. Right after our own deletion it may only not be visible yet.
      if (before === "deleting" || clock.now() > began + settling) return;
    } else before = outcome;
    await clock.sleep(pause);
  }
  throw new UscError("unavailable", `The secret ${name} is deleted, but Key Vault has not let it be purged within ${patience / 1000} s.`, {
    hint: "The same command goes on from here.",
  });
}
