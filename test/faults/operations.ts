import type { Noun } from "../../src/features/objects/port.ts";
import type { Code } from "../../src/kernel/errors.ts";
import type { AzureHouse } from "../support/azure-house.ts";
import type { Stands } from "../support/certificate-desk.ts";
import { canaries } from "./faults.ts";

/**
 * One command of the product.
 *   given     how the name stands before: absent, live with the old value, deleted, or asked for outside
 *   ends      how it stands when the command has done its work, and what is where else
 *   again     how the same command may end once its work is done
 *   versions  how many it makes
 *   keeps     the journal that its work stays written in
 *   faults    the names of those it is put to; default: all
 */
export interface Command {
  command: string;
  /** Default: a secret. */
  noun?: Noun;
  given: Stands;
  input(name: string, house: AzureHouse): Record<string, unknown> | Promise<Record<string, unknown>>;
  ends: string;
  copy?: string;
  again?: readonly Code[];
  versions?: number;
  keeps?: string;
  faults?: readonly string[];
  reads?: true;
  /** It is meant to end the old value for good. */
  purges?: true;
  /** It begins without a token and without knowing the vault. */
  cold?: true;
}

const { old: oldValue, new: newValue } = canaries;
const live = `live ${oldValue}`;
const fresh = `live ${newValue}`;
const subject = (name: string): Record<string, unknown> => ({ "secret-id": name });
const read = (command: string, input: Command["input"] = subject): Command => ({
  command,
  given: "live",
  input,
  ends: live,
  reads: true,
});
const made =
  (more: Record<string, unknown>): Command["input"] =>
  (name) => ({ "secret-name": name, value: newValue, ...more });

export const secretCommands: Readonly<Record<string, Command>> = {
  list: read("list", () => ({})),
  get: read("get"),
  "get, cold": { ...read("get"), cold: true },
  "get-all": read("get-all", (name) => ({ search: name })),
  versions: read("versions"),
  "usc-resolve": read("usc-resolve", (name) => ({ reference: `azurevault://kv/${name}` })),
  "list-deleted": { ...read("list-deleted", () => ({})), given: "deleted", ends: "deleted" },
  create: { command: "create", given: "absent", input: made({}), ends: fresh, again: ["conflict"], versions: 1 },
  "create --overwrite": { command: "create", given: "live", input: made({ overwrite: true }), ends: fresh, versions: 1 },
  "create --if-deleted recover": {
    command: "create",
    given: "deleted",
    input: made({ "if-deleted": "recover" }),
    ends: fresh,
    again: ["conflict"],
    versions: 1,
  },
  "create --if-deleted purge": {
    command: "create",
    given: "deleted",
    input: made({ "if-deleted": "purge" }),
    ends: fresh,
    again: ["conflict"],
    versions: 1,
    purges: true,
  },
  update: {
    command: "update",
    given: "live",
    input: (name) => ({ ...subject(name), value: newValue }),
    ends: fresh,
    versions: 1,
  },
  "update, attributes": {
    command: "update",
    given: "live",
    input: (name) => ({ ...subject(name), tags: { a: "1" }, "content-type": "t" }),
    ends: live,
  },
  delete: { command: "delete", given: "live", input: subject, ends: "deleted", again: ["not_found"] },
  "delete --force-delete": {
    command: "delete",
    given: "live",
    input: (name) => ({ ...subject(name), "force-delete": true }),
    ends: "absent",
    again: ["not_found"],
    purges: true,
  },
  recover: { command: "recover", given: "deleted", input: subject, ends: live },
  purge: { command: "purge", given: "deleted", input: subject, ends: "absent", again: ["not_found"], purges: true },
  "copy-object": {
    command: "copy-object",
    given: "live",
    input: (name) => ({ ...subject(name), "secret-name": `${name}-copy` }),
    ends: live,
    copy: live,
    again: ["conflict"],
    versions: 1,
  },
  "copy-object --delete-source": {
    command: "copy-object",
    given: "live",
    input: (name) => ({ ...subject(name), "secret-name": `${name}-copy`, "delete-source": true }),
    ends: "deleted",
    copy: live,
    again: ["conflict", "not_found"],
    versions: 1,
  },
  validate: { command: "validate", given: "absent", input: () => ({}), ends: "absent" },
  "test-connection": { command: "test-connection", given: "absent", input: () => ({}), ends: "absent" },
};
