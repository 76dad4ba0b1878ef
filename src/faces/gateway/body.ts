import type { IncomingMessage } from "node:http";
import { UscError } from "../../kernel/errors.ts";

const mostBytes = 2 * 1024 * 1024;
const mostDepth = 64;
const mostKeys = 10_000;

/** The body as one JSON object; nothing at all counts as `{}`. Sentences never quote it: it may hold a secret. */
export async function readBody(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  const text = await textOf(incoming);
  if (text.trim() === "") return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new UscError("usage", "The body is not JSON.");
  }
  if (!isObject(body)) throw new UscError("usage", "The body is not a JSON object.");
  checkShape(body);
  return body;
}

function textOf(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= mostBytes) chunks.push(chunk);
      else {
        incoming.pause();
        reject(new UscError("usage", `The body is larger than ${mostBytes} bytes.`));
      }
    });
    incoming.once("end", () => {
      try {
        resolve(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
      } catch {
        reject(new UscError("usage", "The body is not UTF-8."));
      }
    });
    incoming.once("error", () => reject(new UscError("unavailable", "The request ended before its body was whole.")));
  });
}

/** Without recursion: depth is what is looked for. */
function checkShape(body: object): void {
  let keys = 0;
  let level: object[] = [body];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > mostDepth) throw new UscError("usage", `The body is nested deeper than ${mostDepth}.`);
    const next: object[] = [];
    for (const part of level) {
      const values: unknown[] = Object.values(part);
      keys += values.length;
      if (keys > mostKeys) throw new UscError("usage", `The body has more than ${mostKeys} members.`);
      for (const value of values) if (typeof value === "object" && value !== null) next.push(value);
    }
    level = next;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
