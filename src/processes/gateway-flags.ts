import { parseArgs } from "node:util";
import { UscError } from "../kernel/errors.ts";

interface Flag {
  name: string;
  /** What stands for its value in help; none: it is switched on. */
  value?: string;
  says: string;
  /** It may be given many times; its variable has commas. */
  many?: true;
}

const known = [
  { name: "listen", value: "HOST:PORT", says: "Where to listen (default: 127.0.0.1:8000; port 0 takes a free one)" },
  { name: "tls-cert", value: "PATH", says: "Certificate and chain, PEM; SIGHUP reads it anew" },
  { name: "tls-key", value: "PATH", says: "Its private key, PEM" },
  { name: "insecure-listen", says: "Let an address beyond this machine be served without TLS" },
  { name: "allowed-host", value: "NAME[:PORT]", says: "Name that clients may call it by, beside the address; may be repeated", many: true },
  { name: "trusted-proxy", value: "CIDR", says: "Proxy whose X-Forwarded-For is believed; may be repeated", many: true },
  { name: "log-level", value: "LEVEL", says: "silent, error, warn, info (default) or debug: JSON lines on stderr" },
  {
    name: "bootstrap-file",
    value: "PATH",
    says: "New file (mode 0600) for the admin's access key, where there is no terminal to show it on",
  },
  { name: "audit-retention", value: "DURATION", says: "How long rows of the audit stay, or forever (default: 365d)" },
  { name: "notify-before", value: "DURATION", says: "How long before it expires an object is told of (default: 30d)" },
] as const satisfies readonly Flag[];

type Name = (typeof known)[number]["name"];
const table: readonly Flag[] = known;

/** What was given for a flag, in the order given. */
export type Flags = (name: Name) => readonly string[];

export const help = `  usc gateway start --listen 127.0.0.1:8000

Serves every operation over HTTP, at its documented path, until it is stopped. The first start makes an admin's access key.

Flags (each also as USC_FLAG in the environment, those that may be repeated with commas):
${table.map(({ name, value, says }) => `  ${`--${name}${value === undefined ? "" : ` <${value}>`}`.padEnd(30)}${says}\n`).join("")}`;

/** Undefined when help is wanted. */
export function flagsOf(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Flags | undefined {
  const given = parsed(argv);
  if (given["help"] !== undefined) return undefined;
  const values = new Map(table.map((flag) => [flag.name, given[flag.name] ?? fromEnvironment(flag, environment)]));
  return (name) => [values.get(name) ?? []].flat().map(String);
}

export const last = (flags: Flags, name: Name): string | undefined => flags(name).at(-1);

function parsed(argv: readonly string[]): Record<string, unknown> {
  const options = table.map(({ name, value }) => [name, { type: value === undefined ? "boolean" : "string", multiple: true }] as const);
  try {
    return parseArgs({ args: [...argv], options: { ...Object.fromEntries(options), help: { type: "boolean", short: "h" } } }).values;
  } catch {
    throw new UscError("usage", "`usc gateway start` does not take these flags.", { hint: "`usc gateway start --help` lists them." });
  }
}

function fromEnvironment({ name, value, many }: Flag, environment: Readonly<Record<string, string | undefined>>): string[] {
  const variable = `USC_${name.toUpperCase().replaceAll("-", "_")}`;
  const text = environment[variable]?.trim() ?? "";
  if (text === "") return [];
  if (many === true)
    return text
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean);
  if (value !== undefined || text === "true") return [text];
  if (text === "false") return [];
  throw new UscError("usage", `${variable} is not valid: expected true or false.`);
}
