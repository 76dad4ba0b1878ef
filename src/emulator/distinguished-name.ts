import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from "@peculiar/asn1-x509";

/**
 * Names in Azure's spelling: `CN=host, O=Contoso, S=WA, C=US`, which stand in the certificate in the opposite order. The first word
 * of a type is the one that Azure writes; it reads the others too.
 */
const types: readonly { id: string; words: readonly [string, ...string[]] }[] = [
  { id: "2.5.4.3", words: ["CN"] },
  { id: "2.5.4.11", words: ["OU"] },
  { id: "2.5.4.10", words: ["O"] },
  { id: "2.5.4.7", words: ["L"] },
  { id: "2.5.4.8", words: ["S", "ST"] },
  { id: "2.5.4.6", words: ["C"] },
  { id: "2.5.4.9", words: ["STREET"] },
  { id: "2.5.4.5", words: ["SERIALNUMBER"] },
  { id: "2.5.4.4", words: ["SN"] },
  { id: "2.5.4.42", words: ["G", "GN"] },
  { id: "2.5.4.12", words: ["T"] },
  { id: "1.2.840.113549.1.9.1", words: ["E", "EMAIL", "EMAILADDRESS"] },
  { id: "0.9.2342.19200300.100.1.25", words: ["DC"] },
];

const country = "2.5.4.6";
const inAscii = new Set(["1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25"]);

export function commonName(value: string): Name {
  return new Name([part("2.5.4.3", value)]);
}

/** Undefined for a text that is no name. */
export function parseName(text: string): Name | undefined {
  const parts: RelativeDistinguishedName[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const [whole, word = "", quoted, plain = ""] =
      /^([A-Za-z0-9.]+)\s*=\s*(?:"((?:[^"]|"")*)"|([^",;+]*))\s*(?:[,;]\s*|$)/.exec(rest) ?? [];
    const id = idOf(word);
    if (whole === undefined || id === undefined) return undefined;
    const value = quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"');
    if (value === "" || (id === country && !/^[A-Za-z]{2}$/.test(value))) return undefined;
    parts.unshift(part(id, value));
    rest = rest.slice(whole.length);
  }
  return parts.length === 0 ? undefined : new Name(parts);
}

export function formatName(name: Name): string {
  return [...name]
    .toReversed()
    .map((each) => [...each].map(({ type, value }) => `${wordOf(type)}=${quotedIfNeeded(value.toString())}`).join(" + "))
    .join(", ");
}

function part(type: string, value: string): RelativeDistinguishedName {
  const isPrintable = /^[0-9A-Za-z '()+,./:=?-]*$/.test(value);
  const string = inAscii.has(type) ? { ia5String: value } : isPrintable ? { printableString: value } : { utf8String: value };
  return new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value: new AttributeValue(string) })]);
}

function idOf(word: string): string | undefined {
  if (/^[0-2](?:\.[0-9]+)+$/.test(word)) return word;
  return types.find(({ words }) => words.includes(word.toUpperCase()))?.id;
}

function wordOf(id: string): string {
  return types.find((type) => type.id === id)?.words[0] ?? `OID.${id}`;
}

function quotedIfNeeded(value: string): string {
  return /[,+="\n<>#;]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
