import { isCode, isDisabled } from "../../kernel/errors.ts";
import { inParallel } from "../../kernel/parallel.ts";
import type { ObjectAdapter, ObjectProperties, Secret, Vault } from "./port.ts";

/** Which secrets of a vault are meant. */
export interface Wanted {
  search?: string | undefined;
  /** Each of them with this text. */
  tags?: Readonly<Record<string, string>> | undefined;
  /** Also the secrets behind certificates. */
  managed?: boolean | undefined;
}

/** A case-insensitive part of the name; everything, when there is none. */
export function matching(search: string | undefined): (item: { name: string }) => boolean {
  const part = search?.toLowerCase();
  return (item) => part === undefined || item.name.toLowerCase().includes(part);
}

export function wantedBy({ search, tags = {}, managed = false }: Wanted): (item: ObjectProperties & { managed?: boolean }) => boolean {
  const named = matching(search);
  const tagged = Object.entries(tags);
  return (item) => named(item) && (managed || item.managed !== true) && tagged.every(([tag, text]) => item.tags[tag] === text);
}

/** All that can be read of what is wanted, with values, in the order of the list. Disabled ones are left out. */
export async function* readAll(adapter: ObjectAdapter, vault: Vault, wanted: Wanted, concurrency: number): AsyncGenerator<Secret> {
  const isWanted = wantedBy(wanted);
  const names: string[] = [];
  for await (const { items } of adapter.pages(vault)) {
    for (const item of items) if (item.enabled && isWanted(item)) names.push(item.name);
  }
  for await (const secret of inParallel(names, concurrency, (name) => unlessGone(adapter, vault, name))) {
    if (secret !== undefined) yield secret;
  }
}

// Between the list and the read somebody may have deleted or disabled it.
async function unlessGone(adapter: ObjectAdapter, vault: Vault, name: string): Promise<Secret | undefined> {
  return adapter.get(vault, name).catch((error: unknown) => {
    if (isCode(error, "not_found") || isDisabled(error)) return undefined;
    throw error;
  });
}
