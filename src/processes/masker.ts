const stars = Buffer.from("***");
const nothing = Buffer.alloc(0);

/** Masks secrets in a stream of bytes. */
export interface Masker {
  /** What of it may be shown by now. What could be the beginning of a secret is kept until more has come. */
  push(chunk: Buffer): Buffer;
  /** The rest. */
  end(): Buffer;
}

/** Every byte that is part of one of the texts is replaced, a run of them by `***`. A text has four bytes or more. */
export function masker(texts: readonly string[]): Masker {
  const { byHead, begun, beginnings } = indexed(texts);
  let held: Buffer = nothing;
  // How many of the held bytes belong to a secret that began before them.
  let hidden = 0;
  let inRun = false;

  const scan = (chunk: Buffer, isLast: boolean): Buffer => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const shown: Buffer[] = [];
    let until = hidden;
    let plainFrom = 0;
    let at = 0;
    for (; at < bytes.length; at += 1) {
      const length = longestAt(bytes, at, isLast);
      if (length === undefined) break;
      if (at + length > until) until = at + length;
      if (at >= until) {
        inRun = false;
        continue;
      }
      if (at > plainFrom) shown.push(bytes.subarray(plainFrom, at));
      plainFrom = at + 1;
      if (!inRun) shown.push(stars);
      inRun = true;
    }
    if (at > plainFrom) shown.push(bytes.subarray(plainFrom, at));
    held = Buffer.from(bytes.subarray(at));
    hidden = Math.max(0, until - at);
    return Buffer.concat(shown);
  };

  /** The longest secret that begins here: 0 if none does, undefined if that cannot be told yet. */
  function longestAt(bytes: Buffer, at: number, isLast: boolean): number | undefined {
    const left = bytes.length - at;
    if (left < 4) return !isLast && beginnings.has(bytes.toString("latin1", at)) ? undefined : 0;
    // Most bytes begin nothing: a look at a table costs a tenth of one into the map.
    if (!begun[bytes.readUInt16BE(at)]) return 0;
    const candidates = byHead.get(bytes.readUInt32BE(at));
    if (candidates === undefined) return 0;
    const begins = (text: Buffer): boolean => {
      const length = Math.min(left, text.length);
      return bytes.compare(text, 0, length, at, at + length) === 0;
    };
    if (!isLast && candidates.some((text) => text.length > left && begins(text))) return undefined;
    return candidates.find((text) => text.length <= left && begins(text))?.length ?? 0;
  }

  return { push: (chunk) => scan(chunk, false), end: () => scan(nothing, true) };
}

/** By their first four bytes, the longest first; and what shorter ends of a stream could begin one. */
function indexed(texts: readonly string[]): { byHead: Map<number, Buffer[]>; begun: Uint8Array; beginnings: Set<string> } {
  const byHead = new Map<number, Buffer[]>();
  // By their first two bytes.
  const begun = new Uint8Array(65_536);
  const beginnings = new Set<string>();
  for (const text of [...new Set(texts)].map((one) => Buffer.from(one)).sort((a, b) => b.length - a.length)) {
    const head = text.readUInt32BE(0);
    begun[text.readUInt16BE(0)] = 1;
    const alike = byHead.get(head);
    if (alike === undefined) byHead.set(head, [text]);
    else alike.push(text);
    for (const length of [1, 2, 3]) beginnings.add(text.toString("latin1", 0, length));
  }
  return { byHead, begun, beginnings };
}
