import type { GraphCall } from "./graph-call.ts";
import { graphErrors } from "./graph-errors.ts";
import type { Caller } from "./token.ts";

const all = ["Directory.ReadWrite.All"];
const readAll = ["Directory.Read.All", ...all];

/** Which permissions of an application are enough for what, by the tables of Graph's reference. */
export const readApplications = ["Application.Read.All", "Application.ReadWrite.OwnedBy", "Application.ReadWrite.All", ...readAll];
const writeEveryApplication = ["Application.ReadWrite.All", ...all];
/** With the first of them only what the caller owns: `mayChange` decides. */
export const writeApplications = ["Application.ReadWrite.OwnedBy", ...writeEveryApplication];
/** To make others owners is no right of an owner. */
export const writeOwners = writeEveryApplication;
export const readUsers = ["User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", ...readAll];
export const writeUsers = ["User.ReadWrite.All", ...all];
export const writePasswords = ["User-PasswordProfile.ReadWrite.All"];
export const readGroups = ["GroupMember.Read.All", "Group.Read.All", "GroupMember.ReadWrite.All", "Group.ReadWrite.All", ...readAll];
export const writeGroups = ["Group.ReadWrite.All", ...all];
export const createGroups = ["Group.Create", ...writeGroups];
export const writeMembers = ["GroupMember.ReadWrite.All", ...writeGroups];
export const readObjects = [...readApplications, ...readUsers, ...readGroups];
export const writeObjects = [...writeApplications, ...writeUsers, ...writeGroups];
export const readOrganization = ["Organization.Read.All", "User.Read.All", ...readAll];

function allows({ roles }: Caller, needed: readonly string[]): boolean {
  return roles.some((role) => needed.includes(role));
}

export function demand(caller: Caller, needed: readonly string[]): void {
  if (!allows(caller, needed)) throw graphErrors.denied();
}

/** An application that may only change its own is refused what it does not own. */
export function mayChange({ caller }: GraphCall, { owners }: { owners: readonly string[] }): boolean {
  return allows(caller, writeEveryApplication) || owners.includes(caller.objectId);
}

/** Who may only change its own owns what it makes. That one who may change all owns nothing of it is a guess. */
export function ownersOfNew({ caller }: GraphCall): string[] {
  return allows(caller, writeEveryApplication) ? [] : [caller.objectId];
}
