import { expect, it } from "vitest";
import { isRow, Properties } from "../../../src/adapters/azure/answers.ts";

const whole = {
  id: "https://demo.vault.azure.net/secrets/a",
  attributes: { enabled: true, created: 1, updated: 2, exp: 3, nbf: 4, recoveryLevel: "Recoverable" },
  contentType: "t",
  tags: { a: "1" },
  managed: true,
};
const odd = [undefined, null, "x", "", 0, 1.5, -1, 1e300, Number.NaN, true, [], {}, { a: 1 }, { a: "1" }, { enabled: 1 }, { exp: "1" }];

it("a row read by hand is what the schema says, whatever stands in any of its fields", () => {
  const rows: unknown[] = [whole, ...odd];
  for (const value of odd) {
    for (const key of Object.keys(whole)) if (key !== "id" || typeof value !== "string") rows.push({ ...whole, [key]: value });
    for (const key of Object.keys(whole.attributes)) rows.push({ ...whole, attributes: { ...whole.attributes, [key]: value } });
  }
  const disagreed = rows.filter((row) => isRow(row) !== Properties().safeParse(row).success);
  expect(disagreed).toEqual([]);
  expect(rows.filter(isRow).length).toBeGreaterThan(20);
});
