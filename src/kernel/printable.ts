// DEL, C1, line separators, direction marks: what a terminal obeys, a log takes for the end of a line, or a reader cannot see. And C0.
const invisible = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const inLine = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** One line of text that does only what it says. */
export const safeLine = (text: string): string => text.replace(inLine, escaped);

/** Text of many lines that does only what it says. */
export const safeText = (text: string): string => text.replace(invisible, escaped);
