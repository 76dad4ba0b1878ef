/** Texts that an attacker may put where a terminal shows them: each makes it do, hide or feign something, or tries to leave its quotes. */
export const hostileTexts: readonly string[] = Object.values({
  control: ["nul \0 nul", "start \u0001 of heading", "bell \u0007", "wrong\b\b\b\b\bright", "tab\tstop", "line\nfeed", "vertical\vtab"],
  return: [
    "form\ffeed",
    "feigned\rreturned",
    "carriage\r\nreturn",
    "shift \u000e out",
    "xoff \u0013",
    "substitute \u001a",
    "rubbed\u007fout",
  ],
  // Colour, clearing, moving up, asking the terminal to answer, the other screen, a full reset.
  ansi: [
    "escape \u001b",
    "\u001b[31mred\u001b[0m",
    "\u001b[2J\u001b[H",
    "up\u001b[1A\u001b[2K",
    "\u001b[6n\u001b[c",
    "\u001b[?1049h",
    "\u001bc",
  ],
  // Title, link, clipboard; device control, application.
  osc: ["\u001b]0;title\u0007", "\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\", "\u001b]52;c;Y2FuYXJ5\u0007"],
  dcs: ["\u001bP+q544e\u001b\\", "\u001b_apc\u001b\\"],
  // The same sequences in one character.
  c1: ["\u0080 padding", "next\u0085line", "\u009b31mred", "\u009d52;c;Y2FuYXJ5\u009c", "\u0090dcs\u009c", "\u009f"],
  separators: ["line\u2028separator", "paragraph\u2029separator"],
  // What is read is not what is there.
  directions: [
    "\u202egnp.exe",
    "\u202aembedded\u202c",
    "\u202doverridden\u202c",
    "\u2066isolated\u2069",
    "\u2067\u2068\u2069",
    "\u200e\u200f\u061c",
  ],
  invisible: ["\ufeffmarked", "zero\u200bwidth", "word\u2060joiner", "joined\u200dup"],
  unicode: ["e\u0301\u0323\u0308\u0330 combined", "\ud83d\ude00 emoji", "lone \ud800 surrogate"],
  quotes: [
    "\\u001b[31m spelled out",
    `"quoted" 'twice' \\`,
    "- a: &b *c !d %e @f `g #h",
    "{{x}} ${y} $(z)",
    "key: value",
    " spaces ",
    "---",
  ],
  otherTypes: ["null", "~", "0x1f", "1e3", "2026-01-01", "", "|", "<script>"],
}).flat();

/** Code points that no output but raw may hold: C0 but the line feed, DEL, C1, separators, direction marks and what is invisible. */
export const unprintable = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
