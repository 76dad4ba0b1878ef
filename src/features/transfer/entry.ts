import { UscError } from "../../kernel/errors.ts";
import type { Secret } from "../objects/port.ts";
import { fromStored } from "../objects/value.ts";

/**
 * Terminology
 *   entry  a secret on its way: its name and its value, in a file or between a file and a vault
 */
export interface Entry {
  name: string;
  /** The text, or base64 of the bytes where it is binary. */
  value: string;
  binary: boolean;
}

export function entryOf(secret: Secret): Entry {
  const { value, binary } = fromStored(secret);
  return { name: secret.name, value: binary ? value : secret.value, binary };
}

/** What an environment variable can hold. */
export function refuseNul({ name, value }: Entry): void {
  if (!value.includes("\0")) return;
  throw new UscError("usage", `The value of ${name} holds a NUL, which no environment variable can.`, {
    hint: "--format json and yaml can; `usc get --out-file` writes it to a file.",
  });
}
