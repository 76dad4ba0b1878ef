import { certificateDesk } from "../support/certificate-desk.ts";
import { certificateFor, signedOutside } from "../support/test-certificates.ts";
import { brief, some } from "./faults.ts";
import type { Command } from "./operations.ts";

type Input = Record<string, unknown>;

const kind = { "object-type": "certificate" };
const [subject, fresh] = [{ subject: "CN=made", "key-type": "EC" }, { value: certificateFor("new").pem }];
const id = (name: string): Input => ({ ...kind, "secret-id": name });
const of =
  (more: Input) =>
  (name: string): Input => ({ ...id(name), ...more });
const made =
  (...more: Input[]) =>
  (name: string): Input =>
    Object.assign({ ...kind, "secret-name": name }, ...more);

const on = (command: Omit<Command, "noun">): Command => ({ ...command, noun: "certificate" });
const read = (command: string, input: Command["input"] = id): Command =>
  on({ command, given: "live", input, ends: "live old", reads: true });
const create = (given: Command["given"], ends: string, ...more: Input[]): Command =>
  on({ command: "create", given, input: made(...more), ends, again: ["conflict"], versions: 1 });
const these = ` (${some.length} faults)`;
const recovering = { "if-deleted": "recover" };

export const certificateCommands: Readonly<Record<string, Command>> = {
  list: read("list", () => kind),
  get: read("get"),
  versions: read("versions"),
  "list-deleted": { ...read("list-deleted", () => kind), given: "deleted", ends: "deleted" },
  "create, import": create("absent", "live new", fresh),
  "create, import --overwrite": { ...create("live", "live new", fresh, { overwrite: true }), again: [] },
  [`create, import --if-deleted recover${these}`]: { ...create("deleted", "live new", fresh, recovering), faults: some },
  "create, self-signed": create("absent", "live made", subject),
  [`create, self-signed --overwrite${these}`]: { ...create("live", "live made", subject, { overwrite: true }), again: [], faults: some },
  [`create, self-signed --if-deleted recover${these}`]: { ...create("deleted", "live made", subject, recovering), faults: some },
  "create --csr": { ...create("absent", "asked", subject, { csr: true }), again: [], versions: 0, keeps: "makings" },
  "create --merge-file": on({
    command: "create",
    given: "asked",
    input: async (name, house) => made({ "merge-data": signedOutside(await certificateDesk(house).request(name)).pem })(name),
    ends: "live made",
    again: [],
    versions: 1,
  }),
  "update, import": on({ command: "update", given: "live", input: of(fresh), ends: "live new", versions: 1 }),
  "update, attributes": on({ command: "update", given: "live", input: of({ tags: { a: "1" }, enabled: true }), ends: "live old" }),
  delete: on({ command: "delete", given: "live", input: id, ends: "deleted", again: ["not_found"] }),
  "delete --force-delete": on({
    command: "delete",
    given: "live",
    input: of({ "force-delete": true }),
    ends: "absent",
    again: ["not_found"],
    purges: true,
  }),
  recover: on({ command: "recover", given: "deleted", input: id, ends: "live old" }),
  purge: on({ command: "purge", given: "deleted", input: id, ends: "absent", again: ["not_found"], purges: true }),
  // Two RSA keys each time: a second for every cell.
  [`validate (${brief.length} faults)`]: on({ command: "validate", given: "absent", input: () => kind, ends: "absent", faults: brief }),
};
