import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** The file that a command names: as a shell finds it, but only in absolute folders of PATH, so that the current folder has no say. */
export function findProgram(command: string, path: string | undefined): string | undefined {
  if (command.includes("/")) return resolve(command);
  return foldersOf(path)
    .map((folder) => join(folder, command))
    .find(isProgram);
}

/** PATH without what depends on the current folder. */
export const absoluteFolders = (path: string | undefined): string => foldersOf(path).join(delimiter);

const foldersOf = (path: string | undefined): string[] => (path ?? "").split(delimiter).filter((folder) => isAbsolute(folder));

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
