import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { masker } from "../../src/processes/masker.ts";

/** What is shown of a text that comes in these pieces. */
function shown(secrets: readonly string[], pieces: readonly (string | Buffer)[]): string {
  const mask = masker(secrets);
  return Buffer.concat([...pieces.map((piece) => mask.push(Buffer.from(piece))), mask.end()]).toString();
}

/** The specification, letter by letter: what is part of any secret is hidden, a run of it by three stars. */
function expected(secrets: readonly string[], text: string): string {
  const hidden = Array.from(text, () => false);
  for (const secret of secrets)
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) hidden.fill(true, at, at + secret.length);
  return Array.from(text, (letter, at) => (hidden[at] ? (hidden[at - 1] ? "" : "***") : letter)).join("");
}

describe("masking", () => {
  it.each([
    ["in the middle", ["s3cret"], "a s3cret b", "a *** b"],
    ["at both ends", ["s3cret"], "s3cret s3cret", "*** ***"],
    ["next to each other", ["s3cret"], "s3crets3cret", "***"],
    ["the longest of two", ["pass", "password"], "password pass", "*** ***"],
    ["that overlap", ["abcde", "defgh"], "abcdefgh", "***"],
    ["within another", ["abcdefgh", "cdef"], "xcdefx abcdefgh", "x***x ***"],
    ["over lines", ["one\ntwo\n"], "one\ntwo\n!", "***!"],
    ["of its own beginning", ["aaab"], "aaaaab", "aa***"],
    ["nearly", ["s3cret"], "s3cre s3cre", "s3cre s3cre"],
    ["in other letters", ["zażółć😀"], "x zażółć😀", "x ***"],
    ["none", [], "text", "text"],
  ])("a value %s", (_, secrets, text, masked) => {
    expect(shown(secrets, [text])).toBe(masked);
    expect(
      shown(
        secrets,
        [...Buffer.from(text)].map((byte) => Buffer.from([byte])),
      ),
    ).toBe(masked);
  });

  it("holds back only what may be the beginning of a value", () => {
    const mask = masker(["s3cret"]);
    expect(mask.push(Buffer.from("Password: ")).toString()).toBe("Password: ");
    expect(mask.push(Buffer.from("as3c")).toString()).toBe("a");
    expect(mask.push(Buffer.from("x")).toString()).toBe("s3cx");
    expect(mask.push(Buffer.from("s3cre")).toString()).toBe("");
    expect(mask.end().toString()).toBe("s3cre");
  });

  it("never shows a byte of a value, wherever the pieces are cut: a thousand texts by chance", () => {
    const letters = ["a", "b", "\n"];
    const word = (least: number, most: number): string =>
      Array.from({ length: randomInt(least, most) }, () => letters[randomInt(letters.length)]).join("");
    for (let round = 0; round < 1000; round += 1) {
      const secrets = Array.from({ length: randomInt(1, 5) }, () => word(4, 9));
      const text = word(0, 60);
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const next = at + randomInt(1, 8);
        pieces.push(text.slice(at, next));
        at = next;
      }
      expect(shown(secrets, pieces), JSON.stringify({ secrets, pieces })).toBe(expected(secrets, text));
    }
  });

  it("keeps bytes that are no text", () => {
    const mask = masker(["s3cret"]);
    const bytes = Buffer.from([0, 255, 254, 128, 10]);
    expect(Buffer.concat([mask.push(bytes), mask.end()])).toEqual(bytes);
  });
});
