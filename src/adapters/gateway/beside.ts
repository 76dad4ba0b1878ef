import type { Reply } from "../network/listen.ts";

/** What the command line says of itself: that it sends what was given and nothing else, and whether somebody can be asked. */
export type Client = "script" | "terminal";

/** What a person hears beside the answer: the sentences of a call, and its question. */
export const warningsIn = (reply: Reply): string[] => textsIn(reply, "usc-warnings");

export const questionIn = (reply: Reply): string | undefined => textsIn(reply, "usc-question")[0];

/** A header that holds texts as JSON, percent-encoded; whatever else it holds is none of ours. */
function textsIn({ headers }: Reply, name: string): string[] {
  try {
    const texts: unknown = JSON.parse(decodeURIComponent(String(headers[name] ?? "[]")));
    return Array.isArray(texts) ? texts.filter((text) => typeof text === "string") : [];
  } catch {
    return [];
  }
}
