import type { EmulatorReady } from "../../src/emulator/index.ts";

/** An operation and its input. */
type Line = [operation: string, input: Record<string, string>];

/** The records by which a local Azure is reached: its cloud, and the target /t in it. */
export function furniture(ready: EmulatorReady, cloud: string, ca: string): Line[] {
  const vault = ready.vaults[0];
  if (vault === undefined) throw new Error("the local Azure has no vault");
  return [
    [
      "cloud register",
      {
        name: cloud,
        "authority-host": ready.authority_host,
        "key-vault-suffix": new URL(vault.url).host.slice(vault.name.length + 1),
        "graph-endpoint": ready.graph_endpoint,
        "arm-endpoint": ready.arm_endpoint,
        "ca-pem": ca,
      },
    ],
    [
      "target create azure",
      {
        name: "t",
        "azure-cloud": cloud,
        "tenant-id": ready.tenant_id,
        "client-id": ready.client_id,
        "client-secret": ready.client_secret,
      },
    ],
  ];
}

/** The same as a user types it: long texts from files, the secret from standard input. */
export function typed(ready: EmulatorReady, cloud: string): { argv: string[]; input: string }[] {
  return furniture(ready, cloud, ready.ca_file).map(([operation, fields]) => {
    const { "client-secret": secret, "ca-pem": ca, ...plain } = fields;
    const files = { ...(ca === undefined ? {} : { "ca-file": ca }), ...(secret === undefined ? {} : { "client-secret-file": "-" }) };
    const flags = Object.entries({ ...plain, ...files }).flatMap(([flag, text]) => [`--${flag}`, text]);
    return { argv: [...operation.split(" "), ...flags], input: secret ?? "" };
  });
}
