import { parentPort } from "node:worker_threads";
import { type ErrorDocument, errorDocument } from "../../kernel/errors.ts";
import type { Bundle, BundleInput } from "../../features/objects/x509-port.ts";
import { x509 } from "./index.ts";

/** What a thread is asked, one thing at a time: it is where a slow password, or a file made to be slow, holds nobody up. */
export type Asked =
  | { call: "readBundle"; input: BundleInput }
  | { call: "readCertificates"; bytes: Uint8Array }
  | { call: "writePfx"; bundle: Bundle; password: string }
  | { call: "describe"; bytes: Uint8Array };

/** Buffers arrive as plain arrays of bytes. */
export type Told<T> = { answer: T } | { failure: ErrorDocument };

parentPort?.on("message", (asked: Asked) => {
  void tell(asked);
});

async function tell(asked: Asked): Promise<void> {
  let told: Told<unknown>;
  try {
    told = { answer: await answerTo(asked) };
  } catch (error) {
    told = { failure: errorDocument(error) };
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(told);
  // It was copied by now: keys do not stay here.
  wipe(told);
  wipe(asked);
}

function answerTo(asked: Asked): Promise<unknown> {
  if (asked.call === "readBundle") return x509.readBundle(asked.input);
  if (asked.call === "readCertificates") return x509.readCertificates(asked.bytes);
  if (asked.call === "describe") return x509.describe(asked.bytes);
  return x509.writePfx({ ...asked.bundle, key: Buffer.from(asked.bundle.key) }, asked.password);
}

function wipe(part: unknown): void {
  if (part instanceof Uint8Array) part.fill(0);
  else if (typeof part === "object" && part !== null) for (const inner of Object.values(part)) wipe(inner);
}
