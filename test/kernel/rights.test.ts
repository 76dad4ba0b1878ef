import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capabilities, kinds, refuseWithout, rightsOf, type Rule } from "../../src/kernel/rights.ts";
import { pathPattern } from "../../src/kernel/paths.ts";

const segment = fc.constantFrom("a", "b", "A", "ａ", "prod", "kv", "Prod");
const somePath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
const pattern = fc.tuple(somePath, fc.boolean()).map(([folder, star]) => (star ? `${folder}/*` : folder));
const word = fc.constantFrom(...capabilities, "deny" as const);
const rule: fc.Arbitrary<Rule> = fc.record({
  kind: fc.constantFrom(...kinds),
  path: fc.oneof(pattern, fc.constant("/*")),
  capabilities: fc.array(word, { minLength: 1, maxLength: 3 }),
});

/** By segments, and not by beginnings of texts. */
function oracle(rules: readonly Rule[], capability: string, kind: string, asked: string): boolean {
  const fold = (text: string): string => text.normalize("NFKC").toLowerCase();
  const fits = (given: string, wanted: string): boolean => {
    const [have, want] = [given.split("/").slice(1), wanted.split("/").slice(1)];
    const open = have.at(-1) === "*";
    const fixed = open ? have.slice(0, -1) : have;
    return (open ? want.length > fixed.length : want.length === fixed.length) && fixed.every((part, at) => part === want[at]);
  };
  const mine = rules.filter((each) => each.kind === kind);
  if (mine.some((each) => each.capabilities.includes("deny") && fits(fold(each.path), fold(asked)))) return false;
  return mine.some((each) => each.capabilities.some((given) => given === capability) && fits(each.path, asked));
}

describe("what a caller may do", () => {
  it("is what a rule allows and none denies, for 10,000 sets of rules and paths", () => {
    const asked = fc.tuple(fc.array(rule, { maxLength: 5 }), fc.constantFrom(...capabilities), fc.constantFrom(...kinds), somePath);
    fc.assert(
      fc.property(asked, ([rules, capability, kind, at]) => {
        expect(rightsOf(rules).may(capability, kind, at)).toBe(oracle(rules, capability, kind, at));
      }),
      { numRuns: 10_000 },
    );
  });

  it("on all below a folder is what he may on each path there, now or later", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), somePath, somePath, ([...rules], folder, tail) => {
        if (rightsOf(rules).mayBelow("read", "item", folder)) expect(oracle(rules, "read", "item", `${folder}${tail}`)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["/prod/*", "/prod/*"],
    ["prod/kv", "/prod/kv"],
    ["*", "/*"],
  ])("a rule's path %s is %s", (given, path) => expect(pathPattern(given, "rule", "path")).toBe(path));

  it.each(["/pro*", "/*/kv", "/a/*/b", "/a/**", "/a/../b", "//a", "/a//*", "/a/＊", ""])("the rule's path %j is refused", (given) => {
    expect(() => pathPattern(given, "rule", "path")).toThrow();
  });

  it("a need looks at the normal form of what the input names, and only at what is given", () => {
    const rights = rightsOf([{ kind: "item", path: "/prod/kv", capabilities: ["read"] }]);
    const need = { capability: "read", kind: "item", of: "usc-name" } as const;
    expect(() => refuseWithout(rights, [need], { "usc-name": "prod/kv" })).not.toThrow();
    expect(() => refuseWithout(rights, [need], { "usc-name": "/prod/kv2" })).toThrow("do not allow");
    expect(() => refuseWithout(rights, [{ ...need, when: "overwrite" }], { "usc-name": "/x" })).not.toThrow();
    expect(() => refuseWithout(rights, [{ ...need, when: "overwrite" }], { "usc-name": "/x", overwrite: true })).toThrow("do not allow");
  });
});
