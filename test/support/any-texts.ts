import { randomInt } from "node:crypto";

const parts = [
  ..."'\"`\\$%!#&|;()<>{}[]*?~=:@^, \t\n\r\0\u000b\u001b\u007f",
  ..."aZ09_-./+é ż😀\u0085\u2028\ufeff",
  "\r\n",
  "$(id)",
  "`id`",
  "${HOME}",
  "'\\''",
  "EOF",
  "\nX=1\n",
  "\n# usc: x\n",
  "::add-mask::",
  "%0A",
  "%AZP25",
  "##vso[x]",
  "<<",
  "-----BEGIN-----",
  "---\n",
];
const fixed = [
  "",
  " ",
  "\n",
  "\n\n",
  "'",
  "''",
  '"',
  "\\",
  "\\\n",
  "-n",
  "null",
  "0123",
  "true",
  "a b",
  " a ",
  "a\n",
  "\ta",
  "a'b\"c",
  "x".repeat(25_000),
];

/** Texts that quoting has to get right: the ones that are known to hurt, and `count` by chance. A failure shows the text. */
export function anyTexts(count: number): string[] {
  const chance = Array.from({ length: count }, () =>
    Array.from({ length: randomInt(1, 24) }, () => parts[randomInt(parts.length)]).join(""),
  );
  return [...fixed, ...chance];
}
