import { isDisabled, UscError } from "../../kernel/errors.ts";
import { carried } from "../objects/attributes.ts";
import type { ObjectAdapter, Secret, SecretWrite, Vault } from "../objects/port.ts";
import { checkLimits, fromStored, toStored } from "../objects/value.ts";
import { isName } from "./document.ts";
import type { Entry } from "./entry.ts";

/** What an import does about one secret. `failed` is known before anything is written. */
export type Planned = { name: string } & (
  | { action: "create" | "update"; write: SecretWrite }
  | { action: "same" }
  | { action: "failed"; error: UscError }
);

/** All that can be said of the entries before a vault is asked. */
export function checkEntries(entries: readonly Entry[]): void {
  const seen = new Map<string, string>();
  for (const [index, entry] of entries.entries()) {
    if (!isName(entry.name)) {
      throw new UscError("usage", `The name of entry ${index + 1} is none that Key Vault takes.`, {
        hint: "1 to 127 letters, digits and dashes.",
      });
    }
    const twin = seen.get(entry.name.toLowerCase());
    if (twin !== undefined) throw new UscError("usage", `${twin} and ${entry.name} are one secret to Key Vault.`);
    seen.set(entry.name.toLowerCase(), entry.name);
    storedOf(entry);
  }
}

/** Binary stays binary, whatever its bytes. */
function storedOf({ name, value, binary }: Entry) {
  try {
    return toStored(value, { "binary-value": binary, file: binary });
  } catch (error) {
    if (!(error instanceof UscError)) throw error;
    throw new UscError(error.code, `${name}: ${error.message.replace("--value is", "the value is")}`, error.details);
  }
}

/** Compares an entry with what the vault holds. */
export async function planned(adapter: ObjectAdapter, vault: Vault, entry: Entry, now: number): Promise<Planned> {
  const { name } = entry;
  const failed = (sentence: string, hint: string): Planned => ({
    name,
    action: "failed",
    error: new UscError("conflict", sentence, { hint }),
  });
  let before: Secret | undefined;
  try {
    before = await adapter.get(vault, name);
  } catch (error) {
    if (isDisabled(error)) return failed(`The secret ${name} is disabled.`, "`usc update --enabled true` enables it.");
    if (!(error instanceof UscError) || error.code !== "not_found") throw error;
  }
  const stored = storedOf(entry);
  if (before === undefined)
    return { name, action: "create", write: checkLimits({ ...stored, tags: { ...vault.connector["usc-tags"], ...stored.tags } }) };
  const held = fromStored(before);
  if (held.binary === entry.binary && (entry.binary ? sameBytes(held.value, entry.value) : before.value === entry.value))
    return { name, action: "same" };
  if (before.managed) return failed(`The secret ${name} belongs to a certificate.`, "Import the certificate instead.");
  const { changes } = carried(before, now);
  return { name, action: "update", write: checkLimits({ ...changes, ...stored, tags: { ...changes.tags, ...stored.tags } }) };
}

const sameBytes = (a: string, b: string): boolean => Buffer.from(a, "base64").equals(Buffer.from(b, "base64"));
