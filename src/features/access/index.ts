import type { Operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { auth, revoke, validate } from "./login.ts";
import { createMethod, deleteMethod, getMethod, listMethods } from "./methods.ts";
import { createRole, deleteRole, getRole, listRoles, updateRole } from "./roles.ts";
import { associate, deleteRule, dissociate, setRule } from "./rules.ts";

const verbs = [
  auth,
  validate,
  revoke,
  createMethod,
  getMethod,
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
  dissociate,
];

export const operations = (deps: Deps): Operation[] => verbs.map((verb) => verb(deps));
