import type { Clock } from "../../kernel/clock.ts";
import { choice, count, flag, optionalText, text } from "../../kernel/fields.ts";
import { waitMs } from "./poll.ts";
import { type GivenLimits, limitsOf } from "../targets/inputs.ts";
import type { Limits } from "./port.ts";
import { maxStored } from "./value.ts";

export { limits, limitsOf, pagedLimitsOf } from "../targets/inputs.ts";

/** The fields that several verbs share, with their documented short flags. */
export const uscName = () => text("Connector to work through", { short: "n", aliases: ["esm-name"] });

export const objectType = () => choice("Kind of object (default: secret)", ["secret", "certificate"]);

export const secretOnly = () => choice("Kind of object (default: secret)", ["secret"]);

export const secretId = (summary = "Name, NAME/VERSION, or the object's full URL") => text(summary, { short: "s" });

export const search = () => optionalText("Part of the name, whatever its case", { placeholder: "TEXT" });

export const rowLimit = () => count("Stop after so many rows", [1, 1_000_000]);

/** What a face must know of a field that holds a value. */
export const valueAbout = () =>
  ({ short: "v", secret: true, emptyIsValue: true, base64Mark: "binary-value", taken: `Key Vault takes ${maxStored}` }) as const;

export const binaryValue = () => flag("--value is base64 of the bytes to store", { short: "b" });

export const asFile = () => flag("Keep the value as a file: base64 with a mark, whatever its bytes");

/** Of a verb that waits for Key Vault to arrive somewhere. */
export const patientLimitsOf = (clock: Clock, given: GivenLimits): Limits => limitsOf(clock, { timeout: waitMs / 1000, ...given });
