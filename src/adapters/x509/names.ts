/** Where Azure's spelling (.NET's X500DistinguishedName) of a name's part is not OpenSSL's. */
const azureNames: Record<string, string> = {
  ST: "S",
  emailAddress: "E",
  serialNumber: "SERIALNUMBER",
  street: "STREET",
  GN: "G",
  title: "T",
};

/**
 * `CN=..., O=..., C=...`, as Key Vault's policies have it, out of what Node gives: one `NAME=value` a line in the order of the DER, which is the other
 * way round, with RFC 2253's backslashes. A control character stays escaped as `\0A`.
 */
export function distinguishedName(nodeName: string | undefined): string {
  return (nodeName ?? "").split("\n").filter(Boolean).toReversed().map(part).join(", ");
}

function part(line: string): string {
  const at = line.indexOf("=");
  const name = line.slice(0, at);
  const value = line.slice(at + 1).replace(/\\([^0-9A-Fa-f])/gu, "$1");
  const shown = azureNames[name] ?? (/^[0-9.]+$/u.test(name) ? `OID.${name}` : name);
  return `${shown}=${/[,+="<>#;]|^\s|\s$|^$/u.test(value) ? `"${value.replaceAll('"', '""')}"` : value}`;
}
