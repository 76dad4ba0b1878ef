/**
 * What a person hears of a call beside its answer, as it travels from a gateway to the command line: the names of the headers, and how texts stand in
 * one.
 */
export const beside = {
  /** Of a request: it is the command line's, which sends what was given and nothing else, from a script or from a terminal that can be asked. */
  client: "usc-client",
  /** Of an answer: the sentences of the call. */
  warnings: "usc-warnings",
  /** Of an answer: nothing was done yet. It asks, and the same request as a script's is the yes. */
  question: "usc-question",
} as const;

export type Client = "script" | "terminal";

// With all else a head may be 16 KiB.
const mostBytes = 6000;

/** What does not fit is left out, and a … says so. */
export function packed(texts: readonly string[]): string {
  const json = JSON.stringify(texts);
  if (Buffer.byteLength(json) <= mostBytes) return Buffer.from(json).toString("base64url");
  const last = texts.at(-1) ?? "";
  const cut = last.length > 2 ? [`${last.slice(0, last.length / 2).toWellFormed()}…`] : [];
  return packed([...texts.slice(0, -1), ...cut]);
}

/** Whatever else a header holds is none of ours. */
export function unpacked(header: string | readonly string[] | undefined): string[] {
  try {
    const texts: unknown = JSON.parse(Buffer.from(String(header), "base64url").toString());
    return Array.isArray(texts) ? texts.filter((text) => typeof text === "string") : [];
  } catch {
    return [];
  }
}
