import { BadControl, type Run } from "./control-input.ts";
import { createStorageAccount, isAccountName } from "./storage-accounts.ts";

/** `PUT /storage-accounts/NAME` with `{"active_directory"?}` makes a storage account, or changes it: with Active Directory it has kerb1 and kerb2 as well. */
export const putStorageAccount: Run = ({ world }, { params, body }) => {
  const name = params["name"] ?? "";
  const activeDirectory = body.flag("active_directory");
  body.end();
  if (!isAccountName(name)) throw new BadControl(`"${name}" is no name of a storage account: 3 to 24 small letters and digits.`);
  const account = world.storage.get(name) ?? createStorageAccount(name, world.clock.now());
  account.activeDirectory = activeDirectory ?? account.activeDirectory;
  world.storage.set(name, account);
  return undefined;
};

/** `DELETE /storage-accounts/NAME`: as if somebody else had. */
export const deleteStorageAccount: Run = ({ world }, { params }) => {
  const name = params["name"] ?? "";
  if (!world.storage.delete(name)) throw new BadControl(`There is no storage account named "${name}".`);
  return undefined;
};
