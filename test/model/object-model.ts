/** What one name is expected to be. `values`: of all versions, oldest first, of a live or deleted one. */
export interface Expected {
  is: "absent" | "live" | "deleted";
  values: readonly string[];
  /** A deletion was cut off, and may be under way for all that usc knows: whoever deletes goes on with it instead of being told that it is gone. */
  mayBeDeleting?: boolean;
}

export const nothing: Expected = { is: "absent", values: [] };

/**
 * A step of a user. `course`: how the name stands, from before to after, when nothing goes wrong; cut off, it stands at one of these. `refused`:
 * the code of a step that cannot be done there, and changes nothing. `done`: a name that stands like this may have it behind it, so that a lost
 * answer may be taken for a good one.
 */
export interface Step {
  command: string;
  done?: Expected["is"];
  input(name: string, value: string): Record<string, unknown>;
  course(from: Expected, value: string): { course: Expected[] } | { refused: "conflict" | "not_found" };
}

const live = (values: readonly string[]): Expected => ({ is: "live", values });
const deleted = (values: readonly string[]): Expected => ({ is: "deleted", values });
const id = (name: string): Record<string, unknown> => ({ "secret-id": name });
const create =
  (more: Record<string, unknown>): Step["input"] =>
  (name, value) => ({ "secret-name": name, value, ...more });

export const steps: Readonly<Record<string, Step>> = {
  create: {
    command: "create",
    input: create({}),
    course: (from, value) => (from.is === "absent" ? { course: [from, live([value])] } : { refused: "conflict" }),
  },
  "create --overwrite": {
    command: "create",
    input: create({ overwrite: true }),
    course: (from, value) => (from.is === "deleted" ? { refused: "conflict" } : { course: [from, live([...from.values, value])] }),
  },
  "create --if-deleted recover": {
    command: "create",
    input: create({ "if-deleted": "recover" }),
    course(from, value) {
      if (from.is === "live") return { refused: "conflict" };
      return { course: [from, ...(from.is === "deleted" ? [live(from.values)] : []), live([...from.values, value])] };
    },
  },
  "create --if-deleted purge": {
    command: "create",
    input: create({ "if-deleted": "purge" }),
    course: (from, value) => (from.is === "live" ? { refused: "conflict" } : { course: [from, nothing, live([value])] }),
  },
  update: {
    command: "update",
    input: (name, value) => ({ ...id(name), value }),
    course: (from, value) => (from.is === "live" ? { course: [from, live([...from.values, value])] } : { refused: "not_found" }),
  },
  "update, attributes": {
    command: "update",
    input: (name, value) => ({ ...id(name), tags: { last: value } }),
    course: (from) => (from.is === "live" ? { course: [from] } : { refused: "not_found" }),
  },
  delete: {
    command: "delete",
    done: "deleted",
    input: id,
    course: (from) => (from.is === "live" ? { course: [from, deleted(from.values)] } : { refused: "not_found" }),
  },
  "delete --force-delete": {
    command: "delete",
    input: (name) => ({ ...id(name), "force-delete": true }),
    course(from) {
      if (from.is === "absent") return { refused: "not_found" };
      return { course: [from, deleted(from.values), nothing] };
    },
  },
  recover: {
    command: "recover",
    input: id,
    course: (from) => (from.is === "absent" ? { refused: "not_found" } : { course: [from, live(from.values)] }),
  },
  purge: {
    command: "purge",
    done: "absent",
    input: id,
    course: (from) => (from.is === "deleted" ? { course: [from, nothing] } : { refused: "not_found" }),
  },
};
