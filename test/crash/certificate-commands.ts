import { certificateFor, signedOutside } from "../support/test-certificates.ts";
import type { Command } from "./kill-world.ts";

const kind = ["--usc-name", "kv", "--object-type", "certificate"];
const on = (verb: string, name: string, ...more: string[]): string[] => [verb, ...kind, "--secret-id", name, ...more];
const create =
  (...more: string[]) =>
  (name: string): string[] => ["create", ...kind, "--secret-name", name, ...more];

const imported = ["--cert-data", Buffer.from(certificateFor("new").pem).toString("base64")];
const subject = ["--subject", "CN=made", "--key-type", "EC"];
const recovering = ["--if-deleted", "recover"];
const selfSigned = { noun: "certificate", argv: create(...subject), ends: "live CN=made" } as const;
/** What the CA outside has signed, by name: who repeats the command gives it the same file. */
const signed = new Map<string, string>();

export const certificateCommands: Record<string, Command> = {
  "create, import": {
    noun: "certificate",
    given: "absent",
    argv: create(...imported),
    ends: "live CN=new",
    versions: 1,
    again: /exists already/u,
    // It looks whether the name is free, and imports.
    least: 4,
  },
  "create, import, --if-deleted recover": {
    noun: "certificate",
    given: "deleted",
    argv: create(...imported, ...recovering),
    ends: "live CN=new",
    versions: 2,
  },
  "create, self-signed": { ...selfSigned, given: "absent", versions: 1, delays: { issue: 800 } },
  "create, self-signed, --overwrite": {
    ...selfSigned,
    given: "live",
    argv: create(...subject, "--overwrite"),
    versions: 2,
    renews: true,
    // It does not look whether the name is free.
    least: 8,
  },
  "create, self-signed, --if-deleted recover": {
    ...selfSigned,
    given: "deleted",
    argv: create(...subject, ...recovering),
    versions: 2,
  },
  // The look at the name and at what is in the making, and the request.
  "create --csr": { noun: "certificate", given: "absent", argv: create(...subject, "--csr"), ends: "in the making", waits: true, least: 6 },
  "create --merge-file": {
    noun: "certificate",
    given: "asked",
    async argv(name, request) {
      const merged = signed.get(name) ?? signedOutside(await request()).pem;
      signed.set(name, merged);
      return create("--merge-data", Buffer.from(merged).toString("base64"))(name);
    },
    ends: "live CN=asked",
    versions: 1,
    least: 2,
  },
  "delete --force-delete": {
    noun: "certificate",
    given: "live",
    argv: (name) => on("delete", name, "--force-delete"),
    ends: "absent",
    again: /"code":"not_found"/u,
    delays: { delete: 1200 },
  },
  recover: { noun: "certificate", given: "deleted", argv: (name) => on("recover", name), ends: "live CN=old", versions: 1, least: 4 },
  validate: { noun: "certificate", given: "absent", argv: () => ["validate", ...kind], ends: "absent" },
};
