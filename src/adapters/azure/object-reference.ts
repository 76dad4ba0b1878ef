import type { Noun } from "../../features/objects/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { parseOrigin } from "./vault-url.ts";

const objectName = /^[0-9a-zA-Z-]{1,127}$/;
const objectVersion = /^[0-9a-f]{32}$/i;
const objectUrl = /^(https:\/\/[^/?#]*)\/([a-z]+)\/(.*)$/i;

/** Reads `name`, `name/version` or the object's full URL. Throws `usage` for a malformed one, and for a URL of another vault or kind. */
export function objectReference(vault: { url: string }, reference: string, noun: Noun): { name: string; version?: string } {
  const path = reference.includes(":") ? pathInVault(vault, reference, noun) : reference;
  const [name = "", version, ...rest] = path.split("/");
  if (rest.length > 0 || !objectName.test(name)) {
    throw new UscError("usage", `The ${noun}'s name is not a Key Vault object name.`, {
      hint: "1 to 127 letters, digits and dashes; then, if wanted, / and a version.",
    });
  }
  if (version === undefined) return { name };
  if (!objectVersion.test(version)) throw new UscError("usage", `The ${noun}'s version is not 32 hexadecimal digits.`);
  return { name, version: version.toLowerCase() };
}

function pathInVault(vault: { url: string }, url: string, noun: Noun): string {
  const [, origin = "", folder = "", path = ""] = objectUrl.exec(url) ?? [];
  const asked = parseOrigin(origin);
  const own = parseOrigin(vault.url);
  if (asked === undefined || asked.host !== own?.host || asked.port !== own.port) {
    throw new UscError("usage", `The ${noun}'s URL belongs to another vault than the connector's.`, {
      hint: `This connector's vault is ${vault.url}.`,
    });
  }
  const kind = folder.toLowerCase();
  if (kind !== `${noun}s`) {
    const other = ["secrets", "certificates"].includes(kind) ? `--object-type ${kind.slice(0, -1)} is for these.` : undefined;
    throw new UscError("usage", `The URL is not one of the vault's ${noun}s.`, { hint: other });
  }
  return path;
}
