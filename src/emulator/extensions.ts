import { createHash } from "node:crypto";
import { bits, boolean, element, integer, octets, oid, sequence, tagged } from "./der.ts";

/** The X.509 extensions (RFC 5280, 4.2) of the local authority and of its servers. */
export function authorityExtensions(publicKey: Buffer): Buffer {
  return tagged(
    3,
    sequence(
      extension("2.5.29.19", "critical", sequence(boolean(true), integer(Buffer.from([0])))),
      // keyCertSign and cRLSign.
      extension("2.5.29.15", "critical", bits(Buffer.from([0b0000_0110]), 1)),
      extension("2.5.29.14", "plain", octets(keyIdentifier(publicKey))),
      extension("2.5.29.30", "critical", nameConstraints()),
    ),
  );
}

export function serverExtensions(publicKey: Buffer, authorityKey: Buffer, names: readonly string[]): Buffer {
  return tagged(
    3,
    sequence(
      extension("2.5.29.19", "critical", sequence()),
      // digitalSignature.
      extension("2.5.29.15", "critical", bits(Buffer.from([0b1000_0000]), 7)),
      // serverAuth.
      extension("2.5.29.37", "plain", sequence(oid("1.3.6.1.5.5.7.3.1"))),
      extension("2.5.29.14", "plain", octets(keyIdentifier(publicKey))),
      extension("2.5.29.35", "plain", sequence(element(0x80, keyIdentifier(authorityKey)))),
      extension(
        "2.5.29.17",
        "plain",
        sequence(...names.map(dnsName), addressName([127, 0, 0, 1]), addressName([...new Uint8Array(15), 1])),
      ),
    ),
  );
}

/** Where certificates of this authority may be valid at all: loopback, and the Azure names it plays. */
function nameConstraints(): Buffer {
  const names = ["localhost", "vault.azure.net", "login.microsoftonline.com", "graph.microsoft.com", "management.azure.com"];
  const loopback = [addressName([127, 0, 0, 0, 255, 0, 0, 0]), addressName([...new Uint8Array(15), 1, ...new Uint8Array(16).fill(255)])];
  return sequence(tagged(0, ...[...names.map(dnsName), ...loopback].map((name) => sequence(name))));
}

function dnsName(name: string): Buffer {
  return element(0x82, Buffer.from(name, "ascii"));
}

function addressName(bytes: readonly number[]): Buffer {
  return element(0x87, Buffer.from(bytes));
}

function extension(id: string, weight: "critical" | "plain", value: Buffer): Buffer {
  return sequence(oid(id), ...(weight === "critical" ? [boolean(true)] : []), octets(value));
}

function keyIdentifier(publicKey: Buffer): Buffer {
  return createHash("sha1").update(publicKey).digest();
}
