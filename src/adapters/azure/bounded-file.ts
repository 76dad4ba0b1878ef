import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { unusableFile } from "./token.ts";

/** The bytes of a small file that a login needs. `usage` if it is not there, is no file, or is larger; neither its path nor its content is told. */
export function boundedFile(what: string, path: string, most: number): Buffer {
  let descriptor: number | undefined;
  try {
    // Without waiting for somebody to write to a pipe.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!fstatSync(descriptor).isFile()) throw unusableFile(what, "is no file", "Check the path.");
    const bytes = Buffer.alloc(most + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size <= most; size += read) read = readSync(descriptor, bytes, size, bytes.length - size, null);
    if (size > most) throw unusableFile(what, `holds more than ${most} bytes`, "Check the path.");
    return bytes.subarray(0, size);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // One of ours says it already; a system's error would tell the path.
    if (typeof code !== "string" || !code.startsWith("E")) throw error;
    const why = code === "ENOENT" ? "is not there" : code === "EACCES" ? "may not be read" : "cannot be read";
    throw unusableFile(what, why, "Check its path and its permissions; the platform has to write it before usc runs.");
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
