import { afterAll, describe, expect, it } from "vitest";
import { describe as manifestOf } from "../../src/describe.ts";
import type { Operation } from "../../src/kernel/operation.ts";
import type { Rule } from "../../src/kernel/rights.ts";
import { openLab } from "../emulator/support.ts";
import { type Ended, gatewayHouse, type GatewayHouse, type Line } from "../support/gateway-house.ts";
import { type Row, table } from "../support/rights-table.ts";

const lab = await openLab({ name: "lab", vaults: ["demo"] });
const manifest = await manifestOf();
const effects = new Map(manifest.map(({ name, effect }) => [name, effect]));
const opened: GatewayHouse[] = [];
const furnished = async ({ before = [] }: Row): Promise<GatewayHouse> => {
  const house = await gatewayHouse(lab);
  opened.push(house);
  await house.place(before);
  return house;
};
afterAll(() => opened.forEach((house) => house.clean()));
const requests = async (): Promise<number> => (await lab.control("GET", "/requests")).json.requests.length;

const words = ["read", "list", "create", "update", "delete", "reveal"] as const;
const kinds = ["item", "target", "system"] as const;
type Need = [word: (typeof words)[number], kind: (typeof kinds)[number], path: string];

const needsOf = ({ needs, inside = [] }: Row): Need[] => [...needs, ...inside].map((need) => need.split(" ") as Need);
const rule = (kind: Need[1], path: string, ...capabilities: Rule["capabilities"]): Rule => ({ kind, path, capabilities });
/** For a need: the part of usc by its name, all else by its folder. */
const granting = ([word, kind, path]: Need): Rule =>
  rule(kind, kind === "system" ? path : `${path.slice(0, path.lastIndexOf("/"))}/*`, word);

/** Every right by itself, on all paths of its kind and on others, and with a denial on top. */
const lone: Rule[][] = kinds.flatMap((kind) =>
  words.flatMap((word) => [
    [rule(kind, "/*", word)],
    [rule(kind, "/elsewhere/*", word)],
    [rule(kind, "/*", word), rule(kind, "/*", "deny")],
  ]),
);

/** All that is needed but one thing; and all of it, with one thing denied: by its own name, by one that only looks like it, by its folder. */
const lacking = (needs: readonly Need[]): Rule[][] => [
  [],
  ...needs.map((_, without) => needs.filter((_each, at) => at !== without).map(granting)),
  ...needs.flatMap(([, kind, path]) =>
    [path, path.toUpperCase(), path.replace(/[a-z]/u, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)), "/*"].map(
      (denied) => [...needs.map(granting), rule(kind, denied, "deny")],
    ),
  ),
];

/** What the words of the table say of these rules, which all are for one folder, one path or everything. */
const isAllowed = (rules: readonly Rule[], needs: readonly Need[]): boolean =>
  needs.every(
    ([word, kind]) =>
      rules.some((each) => each.kind === kind && each.path === "/*" && each.capabilities.includes(word)) &&
      !rules.some((each) => each.kind === kind && each.capabilities.includes("deny")),
  );

/** The same about things that are not there. */
const absent = <T>(about: T): T => JSON.parse(JSON.stringify(about).replace(/(prod|live)\/(\w+)/gu, "$1/no-$2")) as T;
const through = (op: Operation): Operation => ({ ...op, run: async () => Promise.reject(new TypeError("through")) });
const sentence = (ended: Ended): string => JSON.stringify(ended).replaceAll("/no-", "/");

const labelled = table.map((row, at) => [`${row.call[0]} ${JSON.stringify(row.call[1])} (${at})`, row] as const);

describe("the rights of a gateway's caller", () => {
  it("are told for every operation that a gateway serves", () => {
    const served = manifest.filter(({ local }) => local !== true).map(({ name }) => name);
    expect([...new Set(table.map(({ call: [name] }) => name))].sort()).toEqual(served.sort());
    expect(manifest.filter(({ open }) => open === true).map(({ name }) => name)).toEqual(["auth", "validate-token", "revoke-token"]);
  });

  it.each(labelled.filter(([, row]) => row.needs.length > 0))(
    "%s: less is refused, changes nothing, asks nobody, tells nothing of what is there, and is audited",
    async (_, row) => {
      const needs = needsOf(row);
      const house = await furnished(row);
      const [name] = row.call;
      const op = await house.find(name);
      const [stored, asked] = [house.stored(), await requests()];
      let count = 0;
      const refuse = async (rules: readonly Rule[], line: Line): Promise<string> => {
        const refused = await house.call(rules, line);
        expect(refused, JSON.stringify(rules)).toMatchObject({ code: "gateway_forbidden", error: expect.stringContaining("do not allow") });
        count += 1;
        return sentence(refused);
      };
      for (const rules of lone) {
        if (!isAllowed(rules, needs)) await refuse(rules, row.call);
        // Past the door, which is all that is asked here.
        else if (effects.get(name) === "write")
          await expect(house.call(rules, row.call, through(op))).resolves.toMatchObject({ code: "internal" });
      }
      const others = lacking(absent(needs));
      for (const [at, rules] of lacking(needs).entries()) {
        const refused = await refuse(rules, row.call);
        const other = await house.call(others[at], absent(row.call));
        if (row.inside !== undefined && other.code === "not_found") continue;
        expect(sentence(other), JSON.stringify(rules)).toBe(refused);
        count += 1;
      }
      expect(await house.audited(name, "gateway_forbidden")).toBe(count);
      expect(house.stored()).toBe(stored);
      expect(await requests()).toBe(asked);
    },
  );

  it.each(labelled)("%s: what is needed is enough", async (_, row) => {
    const house = await furnished(row);
    const ended = await house.call(needsOf(row).map(granting), row.call);
    expect(ended, JSON.stringify(ended)).toMatchObject({ code: row.code ?? "ok" });
    expect(await house.audited(row.call[0], row.code ?? "ok")).toBeGreaterThan(0);
  });
});
