import { describe, expect, it } from "vitest";
import type { Beside, Subject } from "../../src/features/rotation/port.ts";
import { refused } from "../support/house.ts";

export interface RotatorLab {
  rotator: Beside;
  /** Where a credential that is not ours stands, by its key id. */
  open(): Promise<{ subject: Subject; foreign: string }>;
  /** As it is when whatever holds the credentials is not there any more. */
  gone(): Promise<Subject>;
}

/** What every rotator promises of credentials that can stand beside each other. */
export function rotatorContract(name: string, { rotator, open, gone }: RotatorLab): void {
  const newMark = (): string => `usc ${crypto.randomUUID()}`;
  const standing = async (subject: Subject) => (await rotator.look(subject)).credentials;

  describe(`the rotator contract, kept by ${name}`, () => {
    it("makes one more, which is shown by its mark and the beginning of its value, and logs in", async () => {
      const { subject, foreign } = await open();
      const mark = newMark();
      const { keyId, secret } = await rotator.stage(subject, mark);
      const found = await standing(subject);
      expect(found.map((each) => each.keyId)).toEqual([foreign, keyId]);
      expect(found.at(-1)).toEqual({ keyId, mark, hint: secret.slice(0, 3) });
      expect(JSON.stringify(found)).not.toContain(secret);
      await rotator.verify(subject, secret);
    });

    it("refuses a value that does not log in, and one that did a moment ago", async () => {
      const { subject } = await open();
      const { keyId, secret } = await rotator.stage(subject, newMark());
      await rotator.verify(subject, secret);
      await rotator.retire(subject, keyId);
      for (const value of [secret, "wrong"]) await expect(rotator.verify(subject, value)).rejects.toEqual(refused("unauthenticated"));
    });

    it("removes one alone, as often as it is told to", async () => {
      const { subject, foreign } = await open();
      const first = await rotator.stage(subject, newMark());
      const second = await rotator.stage(subject, newMark());
      for (const _ of [1, 2]) await rotator.retire(subject, first.keyId);
      expect((await standing(subject)).map((each) => each.keyId)).toEqual([foreign, second.keyId]);
      await rotator.verify(subject, second.secret);
    });

    it("says not_found where nothing is, and takes what stood there for removed", async () => {
      const subject = await gone();
      await expect(rotator.look(subject)).rejects.toEqual(refused("not_found"));
      await expect(rotator.stage(subject, newMark())).rejects.toEqual(refused("not_found"));
      await rotator.retire(subject, crypto.randomUUID());
    });
  });
}
