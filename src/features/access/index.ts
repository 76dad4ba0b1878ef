import type { Operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { auth, revoke, validate } from "./login.ts";
import { createMethod, deleteMethod, listMethods } from "./methods.ts";
import { createRole, deleteRole, getRole, listRoles, updateRole } from "./roles.ts";
import { associate, deleteRule, setRule } from "./rules.ts";

const verbs = [
  auth,
  validate,
  revoke,
  createMethod,
  listMethods,
  deleteMethod,
  createRole,
  getRole,
  listRoles,
  updateRole,
  deleteRole,
  setRule,
  deleteRule,
  associate,
];

export const operations = (deps: Deps): Operation[] => verbs.map((verb) => verb(deps));
