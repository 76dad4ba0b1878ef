import { describe, expect, it } from "vitest";
import { newPassword } from "../../../src/adapters/azure/password.ts";

const all = { length: 12, capitals: true, lower: true, numbers: true, special: true };
const sorts = { capitals: /[A-Z]/u, lower: /[a-z]/u, numbers: /[0-9]/u, special: /[!#%*+\-.:=?@^_~]/u };
const draws = (count: number, policy = all, user = "ada@example.com"): string[] =>
  Array.from({ length: count }, () => newPassword(policy, user));

describe("10,000 passwords", { timeout: 30_000 }, () => {
  it("hold each sort of the policy, and no two are alike", () => {
    const passwords = draws(10_000);
    expect(new Set(passwords).size).toBe(10_000);
    for (const sort of Object.values(sorts)) expect(passwords.every((each) => sort.test(each))).toBe(true);
    expect(passwords.every((each) => /^.{12}$/u.test(each))).toBe(true);
  });

  it("have at each place all sorts alike, and all characters of a sort", () => {
    const passwords = draws(10_000);
    const share = (sort: RegExp, at: number): number => passwords.filter((each) => sort.test(each.charAt(at))).length / passwords.length;
    for (const sort of Object.values(sorts)) {
      const shares = Array.from({ length: 12 }, (_, at) => share(sort, at));
      // Six times the deviation that chance has: once in some hundred million runs.
      for (const one of shares) expect(Math.abs(one - shares.reduce((sum, each) => sum + each) / 12)).toBeLessThan(0.03);
    }
    const counts = new Map<string, number>();
    for (const character of passwords.join("").match(/[a-z]/gu) ?? []) counts.set(character, (counts.get(character) ?? 0) + 1);
    const mean = [...counts.values()].reduce((sum, each) => sum + each) / 26;
    for (const count of counts.values()) expect(Math.abs(count - mean) / mean).toBeLessThan(0.15);
    expect(counts.size).toBe(26);
  });

  it("hold only the sorts that the policy has, from 8 to 256 characters", () => {
    for (const length of [8, 256]) {
      for (const one of draws(500, { ...all, length, special: false })) expect(one).toMatch(new RegExp(`^[A-Za-z0-9]{${length}}$`, "u"));
    }
  });

  it("never hold the user's name, in whatever case", () => {
    const passwords = draws(3000, { ...all, length: 256 }, "Abc@example.com");
    expect(passwords.some((each) => /abc/iu.test(each))).toBe(false);
  });
});
