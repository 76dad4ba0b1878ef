import { armErrors } from "./arm-errors.ts";

/** By namespace, oldest first. What is not named here (vaults, subscriptions) takes any date. */
const known: Readonly<Record<string, { type: string; versions: readonly string[] }>> = {
  "microsoft.authorization": {
    type: "roleAssignments",
    versions: [
      "2015-07-01",
      "2018-01-01-preview",
      "2018-07-01",
      "2018-09-01-preview",
      "2020-03-01-preview",
      "2020-04-01-preview",
      "2020-08-01-preview",
      "2020-10-01-preview",
      "2022-04-01",
      "2022-05-01-preview",
    ],
  },
  "microsoft.storage": {
    type: "storageAccounts",
    versions: [
      "2015-06-15",
      "2016-01-01",
      "2016-05-01",
      "2016-12-01",
      "2017-06-01",
      "2017-10-01",
      "2018-02-01",
      "2018-03-01-preview",
      "2018-07-01",
      "2018-11-01",
      "2019-04-01",
      "2019-06-01",
      "2020-08-01-preview",
      "2021-01-01",
      "2021-02-01",
      "2021-04-01",
      "2021-05-01",
      "2021-06-01",
      "2021-08-01",
      "2021-09-01",
      "2022-05-01",
      "2022-09-01",
      "2023-01-01",
      "2023-04-01",
      "2023-05-01",
      "2024-01-01",
      "2025-01-01",
      "2025-06-01",
      "2025-08-01",
      "2026-04-01",
      "2026-06-01",
      "2026-09-01",
    ],
  },
};

/** Throws for a version that is none, and for one that the namespace had passed by already. Whatever came after the last one is taken. */
export function checkApiVersion(path: string, version: string): void {
  if (version === "") throw armErrors.noApiVersion();
  const namespace = [...path.matchAll(/\/providers\/([^/]+)/gi)].at(-1)?.[1] ?? "Microsoft.Resources";
  const found = known[namespace.toLowerCase()];
  if (!/^20[0-9]{2}-[01][0-9]-[0-3][0-9](?:-[a-z]+)?$/.test(version)) throw armErrors.badApiVersion(version);
  if (found === undefined || version > (found.versions.at(-1) ?? "") || found.versions.includes(version)) return;
  throw armErrors.unknownApiVersion(version, found.type, found.versions);
}
