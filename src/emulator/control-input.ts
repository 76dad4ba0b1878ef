import type { Faults } from "./faults.ts";
import type { RequestLog } from "./request-log.ts";
import type { World } from "./world.ts";

/** One command of the control API: what it works on, and what it was told. Undefined is answered with 204. */
export type Run = (desk: Desk, note: Note) => object | undefined;

export interface Desk {
  world: World;
  faults: Faults;
  log: RequestLog;
}

interface Note {
  params: Record<string, string>;
  body: Reader;
}

export const longestMs = 600_000;

/** Reads one control body member by member. What is not asked for by the end is an unknown key. */
export interface Reader {
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  whole(key: string, range: { min?: number; max: number }): number | undefined;
  texts(key: string): readonly string[] | undefined;
  inner(key: string): Reader | undefined;
  raw(key: string): unknown;
  keys(): readonly string[];
  end(): void;
}

export class BadControl extends Error {
  override name = "BadControl";
}

export function readerOf(value: unknown, place = "The body"): Reader {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new BadControl(`${place} must be a JSON object.`);
  const members: Record<string, unknown> = { ...value };
  const unknown = new Set(Object.keys(members));
  const raw = (key: string): unknown => {
    unknown.delete(key);
    return Object.hasOwn(members, key) ? members[key] : undefined;
  };
  const wrong = (key: string, wanted: string): never => {
    throw new BadControl(`"${key}" must be ${wanted}.`);
  };
  return {
    raw,
    keys: () => Object.keys(members),
    text(key) {
      const given = raw(key);
      return given === undefined || typeof given === "string" ? given : wrong(key, "a string");
    },
    flag(key) {
      const given = raw(key);
      return given === undefined || typeof given === "boolean" ? given : wrong(key, "true or false");
    },
    whole(key, { min = 0, max }) {
      const given = raw(key);
      if (given === undefined) return undefined;
      const fits = typeof given === "number" && Number.isSafeInteger(given) && given >= min && given <= max;
      return fits ? given : wrong(key, `a whole number from ${min} to ${max}`);
    },
    texts(key) {
      const given = raw(key);
      if (given === undefined) return undefined;
      if (!Array.isArray(given)) return wrong(key, "a list of strings");
      return given.map((item: unknown) => (typeof item === "string" ? item : wrong(key, "a list of strings")));
    },
    inner(key) {
      const given = raw(key);
      return given === undefined ? undefined : readerOf(given, `"${key}"`);
    },
    end() {
      for (const key of unknown) throw new BadControl(`"${key}" is not known here.`);
    },
  };
}
