import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { UscError } from "../../kernel/errors.ts";
import type { Field } from "../../kernel/fields.ts";
import type { Command } from "../../kernel/manifest.ts";
import { fileFlag } from "./flags.ts";
import type { Line } from "./line.ts";

const mebibyte = 1024 * 1024;

/** How much of a file is read. */
type Limit = Pick<Field, "maxBytes" | "taken">;

/** The operation's input: what was typed, what its files hold, and what a terminal is asked for. */
export async function gather(command: Command, line: Line, terminal: boolean): Promise<Record<string, unknown>> {
  const input = { ...line.fields };
  if (Object.values(line.files).filter((path) => path === "-").length > 1) {
    throw new UscError("usage", "Standard input can fill one flag only.");
  }
  for (const field of command.fields) {
    const path = line.files[field.name];
    const flag = fileFlag(field);
    if (path !== undefined) {
      if (field.name in input) throw new UscError("usage", `Give either --${field.name} or --${flag}.`);
      Object.assign(input, asText(field.name, flag ?? field.name, readBytes(path, flag ?? field.name, field), field));
    } else if (terminal && isAskedFor(field, input) && line.globals.input !== false) {
      const { askHidden } = await import("./prompt.ts");
      input[field.name] = await askHidden(field.summary);
    }
  }
  return input;
}

/** Whether a terminal is asked for it: a secret that is missing, and wanted beside what is given. */
export function isAskedFor({ name, secret, required, askedWith }: Field, input: Readonly<Record<string, unknown>>): boolean {
  if (!secret || name in input) return false;
  const others = Object.entries(askedWith ?? {});
  return required || (others.length > 0 && others.every(([other, value]) => input[other] === undefined || input[other] === value));
}

function asText(name: string, flag: string, bytes: Buffer, field: Field): Record<string, unknown> {
  if (isUtf8(bytes)) return { [name]: bytes.toString("utf8") };
  const { base64Mark, bytes: takesBytes } = field;
  if (base64Mark === undefined && !takesBytes) throw new UscError("usage", `--${flag} is not valid: the file holds no UTF-8 text.`);
  return { [name]: bytes.toString("base64"), ...(base64Mark === undefined ? {} : { [base64Mark]: true }) };
}

export function readBytes(path: string, flag: string, field: Limit = {}): Buffer {
  const bytes = readBounded(path, flag, field);
  // Node opens a closed standard input as an empty one: an empty value looks like nobody having piped one.
  if (path === "-" && bytes.length === 0) {
    throw new UscError("usage", `--${flag} reads standard input, and that was empty.`, { hint: "An empty value is written as ''." });
  }
  return bytes;
}

function readBounded(path: string, flag: string, field: Limit): Buffer {
  const { maxBytes: most = mebibyte } = field;
  let descriptor: number | undefined;
  try {
    descriptor = path === "-" ? 0 : openSync(path, "r");
    const chunks: Buffer[] = [];
    for (let size = 0; ;) {
      const chunk = Buffer.alloc(65_536);
      const read = readChunk(descriptor, chunk);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, read));
      size += read;
      if (size > most) throw tooLarge(flag, descriptor, most, field);
    }
  } catch (error) {
    if (error instanceof UscError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new UscError("usage", `--${flag} cannot be read: ${reasons[code] ?? "the system refused it"}.`, {
      hint: "Check the path and its permissions.",
    });
  } finally {
    if (descriptor !== undefined && descriptor !== 0) closeSync(descriptor);
  }
}

/** How long a pipe is nobody knows before its end. */
function tooLarge(flag: string, descriptor: number, most: number, { taken }: Limit): UscError {
  const stats = fstatSync(descriptor);
  const limit = `${most / mebibyte} MiB`;
  const size = stats.isFile() ? `${stats.size} bytes` : `more than ${limit}`;
  return new UscError("usage", `--${flag} is too large: ${size}; ${taken ?? `at most ${limit} of a file are read`}.`);
}

function readChunk(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      if (code === "EOF") return 0;
      // A terminal or pipe in non-blocking mode with nothing to give yet.
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

const reasons: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
};
