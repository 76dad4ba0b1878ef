import { describe, expect, it } from "vitest";
import type { Beside, Given, Renewed, Subject } from "../../src/features/rotation/port.ts";
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

interface InPlaceLab<R> {
  rotator: R;
  open(): Promise<Subject>;
  /** As it is when whatever holds the credential is not there any more. */
  gone(): Promise<Subject>;
}

/** What every rotator promises whose new value is ours, in the place of the old. */
export function givenContract(name: string, { rotator, open, gone }: InPlaceLab<Given>): void {
  describe(`the contract of a value that we give, kept by ${name}`, () => {
    it("sets it as often as it is told to, and it logs in, and what was before does not", async () => {
      const subject = await open();
      expect(await rotator.look(subject)).toEqual({ at: expect.any(Number) });
      const [first, second] = [rotator.choose(subject), rotator.choose(subject)];
      expect(first).not.toBe(second);
      await rotator.stage(subject, first);
      for (const _ of [1, 2]) await rotator.stage(subject, second);
      expect(await rotator.verify(subject, second)).toBeUndefined();
      for (const value of [first, "wrong"]) await expect(rotator.verify(subject, value)).rejects.toEqual(refused("unauthenticated"));
    });

    it("says not_found where nothing is", async () => {
      const subject = await gone();
      await expect(rotator.look(subject)).rejects.toEqual(refused("not_found"));
      await expect(rotator.stage(subject, rotator.choose(subject))).rejects.toEqual(refused("not_found"));
      await expect(rotator.verify(subject, "any")).rejects.toEqual(refused("not_found"));
    });
  });
}

/** What every rotator promises whose new value Azure makes, in the place of the old, and shows. */
export function renewedContract(name: string, { rotator, open, gone }: InPlaceLab<Renewed>): void {
  describe(`the contract of a value that Azure renews, kept by ${name}`, () => {
    it("makes another each time, and shows the one that works", async () => {
      const subject = await open();
      const values = [(await rotator.look(subject)).secret, await rotator.stage(subject), await rotator.stage(subject)];
      expect(new Set(values).size).toBe(3);
      for (const _ of [1, 2]) expect((await rotator.look(subject)).secret).toBe(values.at(-1));
    });

    it("says not_found where nothing is", async () => {
      const subject = await gone();
      await expect(rotator.look(subject)).rejects.toEqual(refused("not_found"));
      await expect(rotator.stage(subject)).rejects.toEqual(refused("not_found"));
    });
  });
}
