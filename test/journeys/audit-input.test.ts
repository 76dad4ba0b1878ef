import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe as group, expect, it } from "vitest";
import { openRoom } from "../../src/app.ts";
import { describe } from "../../src/describe.ts";
import type { Witness } from "../../src/kernel/audit.ts";
import { type Field, fieldsOf } from "../../src/kernel/fields.ts";
import { invoke, type Operation } from "../../src/kernel/operation.ts";
import { canaries, formsOf } from "../support/canary.ts";
import { quietSteps } from "../support/quiet-steps.ts";

const folder = mkdtempSync(join(tmpdir(), "usc-audit-"));
const home = join(folder, "state");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// What takes the name of a file writes it where it stands.
process.chdir(folder);

const warnings: string[] = [];
const nowhere = {
  home,
  environment: {},
  steps: quietSteps({ warn: (text) => void warnings.push(text) }),
};
const rooms = [...new Set((await describe()).map((command) => command.room))];
const opened = await Promise.all(rooms.map((room) => openRoom(room, nowhere)));
const calls = opened.flatMap(({ operations, ledger }) =>
  operations.map((op) => {
    const witness: Witness = { ...ledger, caller: () => "tester", warn: nowhere.steps.warn };
    return [op.name, op, witness] as const;
  }),
);

const secret = "canary/secret+8c1e ~ zażółć";
const stray = "canary-stray-4b7d";
/** Nothing of that name is stored, so that no call gets as far as the network. */
const absent = "absent/item";

/** What would be accepted, but that every secret field holds the canary. */
function plausible(field: Field): unknown {
  if (field.secret) return secret;
  if (field.choices) return field.choices[0];
  if (field.kind === "flag") return true;
  if (field.kind === "count") return 1;
  if (field.kind === "list") return ["a"];
  if (field.kind === "pairs") return { a: "b" };
  if (field.placeholder === "GUID") return "11111111-2222-4333-8444-555555555555";
  return field.placeholder?.startsWith("YYYY") ? "2030-01-01T00:00:00Z" : absent;
}

/** Each of them holds the other canary, in a form that no name has. */
const malformed: readonly unknown[] = [
  `\u001b[31m${stray}\r\nforged`,
  `${stray}\u0000`,
  `${stray}\u202e`,
  `${stray}\\`,
  `${stray}//`,
  stray.repeat(100),
  { [stray]: stray },
  [[stray]],
];

/** And in a form that the path of an item may have, but nothing else that is told. */
const odd: readonly string[] = [`${stray} with spaces`, `!${stray}`, `{"${stray}":`];
const paths = new Set([
  "usc-name",
  "to-usc-name",
  "name",
  "new-name",
  "source",
  "target",
  "target-name",
  "role-name",
  "am-name",
  "assoc-id",
]);

const audited = (): string => {
  const db = new DatabaseSync(join(home, "usc.db"));
  const rows = db.prepare("SELECT * FROM audit").all();
  db.close();
  return rows.map((row) => JSON.stringify(row)).join("\n");
};

group("S12 the audit of a call whose input is malformed", () => {
  let cases = 0;
  afterAll(() => console.log(`audit: ${cases} malformed inputs, 0 canaries`));

  it.each(calls)("of %s tells no value, whichever field it is and whatever it holds", async (_, op, witness) => {
    const fields = fieldsOf(op.input());
    const full = Object.fromEntries(fields.map((field) => [field.name, plausible(field)]));
    const required = Object.fromEntries(fields.filter((field) => field.required).map((field) => [field.name, plausible(field)]));
    const inputs = [
      ...fields.flatMap(({ name }) =>
        [...malformed, ...(paths.has(name) ? [] : odd), "", undefined].flatMap((value) => [
          { ...full, [name]: value },
          { ...required, [name]: value },
        ]),
      ),
      { ...full, [secret]: secret },
      JSON.parse(`{"__proto__":{"name":"${stray}"}}`) as Record<string, unknown>,
    ];
    for (const input of inputs) await attempt(op, input, witness);
    cases += inputs.length;
    const told = Buffer.from(`${audited()}\n${warnings.join("\n")}`);
    expect(formsOf(secret).some((form) => told.includes(form))).toBe(false);
    expect(told.includes(stray)).toBe(false);
  });

  it("left the canary in no file at all", () => {
    expect(cases).toBeGreaterThan(1500);
    expect(canaries(secret, { dir: folder, texts: {} })).toEqual([]);
  });
});

async function attempt(op: Operation, input: Record<string, unknown>, witness: Witness): Promise<void> {
  await invoke(op, input, witness).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
  });
}
