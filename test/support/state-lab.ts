import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll } from "vitest";
import * as z from "zod/mini";
import type { RecordKind } from "../../src/kernel/store.ts";

const Paper = z.object({ text: z.string(), secret: z.optional(z.string()), pin: z.optional(z.string()) });
export type Paper = z.infer<typeof Paper>;

export const papers: RecordKind<Paper> = { name: "papers", noun: "paper", schema: Paper, sealed: ["secret", "pin"] };
export const leaves: RecordKind<Paper> = { name: "leaves", noun: "leaf", schema: Paper, sealed: ["secret", "pin"] };
export const notices: RecordKind<Paper> = { name: "notices", noun: "notice", schema: Paper };

/** A folder that goes away with the test file, and names for homes in it that do not exist yet. */
export function stateLab(): { dir: string; newHome: () => string } {
  const dir = mkdtempSync(join(tmpdir(), "usc-state-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  let homes = 0;
  return { dir, newHome: () => join(dir, `home-${++homes}`) };
}

/** Changes the database behind the store's back. */
export function tamper(home: string, act: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(join(home, "usc.db"), { defensive: false });
  act(db);
  db.close();
}

/** Everything in the folder that lasts: not the log's index, which is rebuilt at will. */
export function bytesOf(home: string): Record<string, string> {
  const names = readdirSync(home).filter((name) => !name.endsWith("-shm"));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(home, name)).toString("latin1")]));
}
