/** The id of the object itself, from the id of one of its versions. */
export const withoutVersion = (id: string): string => id.replace(/\/[0-9a-f]{32}$/u, "");
