import { afterAll, describe, expect, it } from "vitest";
import { x509 } from "../../../src/adapters/x509/index.ts";
import type { BundleInput } from "../../../src/features/objects/x509-port.ts";
import { UscError } from "../../../src/kernel/errors.ts";
import { algorithms, family, leaf } from "./family.ts";
import { openssl } from "./openssl.ts";

const judge = openssl();
const { pem, der } = family(judge, algorithms["EC P-256"]);
afterAll(() => judge.close());

const password = "correct horse";
// One iteration: the damage is what is tried, thousands of times.
const made = ["-passout", `pass:${password}`, "-iter", "1"];
const pfx = (...args: string[]): Buffer => judge(["pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.pem", ...made, ...args]);
const key = (...args: string[]): Buffer => judge(["pkcs8", "-topk8", "-in", "leaf.key", ...made, ...args]);
const bytes = Buffer.from(pem.leaf);

const whole: Record<string, { damaged: Buffer; input: (damaged: Buffer) => BundleInput }> = {
  "a PFX": { damaged: pfx(), input: (damaged) => ({ bytes: damaged, password }) },
  "a legacy PFX": { damaged: pfx("-legacy"), input: (damaged) => ({ bytes: damaged, password }) },
  "a PFX without a MAC": { damaged: pfx("-nomac", "-certpbe", "AES-256-CBC"), input: (damaged) => ({ bytes: damaged, password }) },
  "a legacy PFX without a MAC": {
    damaged: pfx("-legacy", "-nomac", "-certpbe", "PBE-SHA1-RC2-40"),
    input: (damaged) => ({ bytes: damaged, password }),
  },
  "an encrypted key in DER": { damaged: key("-outform", "DER"), input: (keyBytes) => ({ bytes, keyBytes, password }) },
  "an encrypted key in PEM": { damaged: key(), input: (keyBytes) => ({ bytes, keyBytes, password }) },
  "a traditional key": {
    damaged: judge(["ec", "-in", "leaf.key", "-aes128", "-passout", `pass:${password}`]),
    input: (keyBytes) => ({ bytes, keyBytes, password }),
  },
};

describe.each(Object.entries(whole))("%s", (_, { damaged, input }) => {
  it("cut at every byte is usage", async () => {
    const others = new Set<string>();
    // A line break at the end may go.
    const end = damaged.toString("latin1").trimEnd().length;
    for (let length = 0; length < end; length++) others.add(await outcome(input(damaged.subarray(0, length))));
    expect([...others]).toEqual(["usage"]);
  });

  it("with any byte changed is usage, or still the same key", async () => {
    const outcomes = new Set<string>();
    for (let at = 0; at < damaged.length; at++) {
      const changed = Buffer.from(damaged);
      changed[at] = (changed[at] ?? 0) ^ ([0x01, 0x80, 0xff][at % 3] ?? 0);
      outcomes.add(await outcome(input(changed)));
    }
    expect([...outcomes].filter((each) => each !== "usage" && each !== "read")).toEqual([]);
  });
});

it("a plain RSA key with any byte changed is usage: OpenSSL would sign with what is left of it", async () => {
  leaf(judge, "rsa", algorithms["RSA 2048"]);
  const undamaged = judge(["rsa", "-in", "rsa.key", "-traditional", "-outform", "DER"]);
  const outcomes = new Set<string>();
  for (let at = 0; at < undamaged.length; at++) {
    const keyBytes = Buffer.from(undamaged);
    keyBytes[at] = (keyBytes[at] ?? 0) ^ 1;
    outcomes.add(await outcome({ bytes: judge.bytes("rsa.pem"), keyBytes }));
  }
  expect([...outcomes]).toEqual(["usage"]);
});

async function outcome(input: BundleInput): Promise<string> {
  try {
    return (await x509.readBundle(input)).key.equals(der.key) ? "read" : "another key";
  } catch (error) {
    return error instanceof UscError ? error.code : String(error);
  }
}
