type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that were given. Spreading them over a record keeps what was left out. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
