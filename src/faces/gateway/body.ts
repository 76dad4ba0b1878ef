import type { IncomingMessage } from "node:http";
import { UscError } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/is-record.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });
const mostBytes = 2 * 1024 * 1024;
const mostDepth = 64;
const mostMembers = 10_000;

/** The body as one JSON object; nothing at all counts as `{}`. Sentences never quote it: it may hold a secret. */
export async function readBody(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  const text = await textOf(incoming);
  if (text.trim() === "") return {};
  checkShape(text);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new UscError("usage", "The body is not JSON.");
  }
  if (!isRecord(body)) throw new UscError("usage", "The body is not a JSON object.");
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
        resolve(utf8.decode(Buffer.concat(chunks)));
      } catch {
        reject(new UscError("usage", "The body is not UTF-8."));
      }
    });
    incoming.once("error", () => reject(new UscError("unavailable", "The request ended before its body was whole.")));
  });
}

/** Before it is parsed: a million members would cost half a second of everybody's time. */
function checkShape(text: string): void {
  let depth = 0;
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === "{" || character === "[") {
      depth += 1;
      members += 1;
    } else if (character === "}" || character === "]") depth -= 1;
    else if (character === ",") members += 1;
    if (depth > mostDepth) throw new UscError("usage", `The body is nested deeper than ${mostDepth}.`);
    if (members > mostMembers) throw new UscError("usage", `The body has more than ${mostMembers} members.`);
  }
}

/** Where the string that begins at `start` ends. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}
