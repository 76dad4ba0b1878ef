import { expect, it } from "vitest";
import { Bundle, isRow, Properties, SecretsPage } from "../../../src/adapters/azure/answers.ts";

const whole = {
  id: "https://demo.vault.azure.net/secrets/a",
  attributes: { enabled: true, created: 1, updated: 2, exp: 3, nbf: 4, recoveryLevel: "Recoverable" },
  contentType: "t",
  tags: { a: "1" },
  managed: true,
};
const odd = [undefined, null, "x", "", 0, 1.5, -1, 1e300, Number.NaN, true, [], {}, { a: 1 }, { a: "1" }, { enabled: 1 }, { exp: "1" }];

const rows: unknown[] = [whole, ...odd];
for (const value of odd) {
  for (const key of Object.keys(whole)) if (key !== "id" || typeof value !== "string") rows.push({ ...whole, [key]: value });
  for (const key of Object.keys(whole.attributes)) rows.push({ ...whole, attributes: { ...whole.attributes, [key]: value } });
}

it("a row read by hand is what the schema says, whatever stands in any of its fields", () => {
  const disagreed = rows.filter((row) => isRow(row) !== Properties().safeParse(row).success);
  expect(disagreed).toEqual([]);
  expect(rows.filter(isRow).length).toBeGreaterThan(20);
});

it("a page and a whole secret read by hand are what the schema makes of their rows", () => {
  const foreign = { ...whole, id: "https://demo.vault.azure.net/keys/a" };
  for (const row of [...rows, foreign, { ...whole, id: `${whole.id}/ABCDEF0123456789ABCDEF0123456789` }]) {
    const { success, data } = Properties().safeParse(row);
    expect(SecretsPage().safeParse({ value: [row], nextLink: null, more: 1 })).toEqual(
      success ? { success, data: { value: [data], nextLink: null } } : expect.objectContaining({ success }),
    );
    if (typeof row !== "object" || row === null || Array.isArray(row)) continue;
    expect(Bundle().safeParse({ ...row, value: "v" })).toEqual(
      success ? { success, data: { ...data, value: "v" } } : expect.objectContaining({ success }),
    );
    expect(Bundle().safeParse({ ...row, value: 1 }).success).toBe(false);
  }
  expect(SecretsPage().safeParse({ value: [whole], nextLink: 1 }).success).toBe(false);
});
