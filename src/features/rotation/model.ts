import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   rotated secret  an item whose value is a credential at Azure that is replaced, by a schedule or when it is told to
 *   rotator         what kind of credential: `api-key` is a client secret of an application, `target` the one that the target itself logs in with, `password` a
 *                   user's, `azure-storage-account` a key of a storage account. Of the last two the new one takes the place of the old
 *   version         a value that is or was current, counted from 1
 *   rotation        a replacement, or a deletion, under way: a record of the journal, written before anything happens at Azure
 *   mark            the name, never used before, that a rotation gives to what it makes at Azure
 *   stray           a mark of a rotation that was given up: what should still come to light under it is removed
 *   grace           the days for which two credentials work: after the date the old one too, or before it the next one already
 *   spare           what works under grace beside the current one: `old` waits to be removed, `next` was made ahead
 */
export const rotatorTypes = ["api-key", "target", "password", "azure-storage-account"] as const;
export type RotatorType = (typeof rotatorTypes)[number];

/** Who asks Azure: the target, or the credential itself that is replaced. */
export const credentials = ["use-user-creds", "use-target-creds"] as const;

/** Of generated passwords: which sorts of characters stand in them, and how many characters. */
export const PasswordPolicy = once(() => {
  const yes = z.boolean();
  return z.object({ length: z.int(), capitals: yes, lower: yes, numbers: yes, special: yes });
});
export type PasswordPolicy = z.infer<ReturnType<typeof PasswordPolicy>>;

export const timings = ["after", "before"] as const;

const Grace = once(() =>
  z.object({
    timing: z.enum(timings),
    /** Days; without it the whole time between two rotations. */
    interval: z.optional(z.int()),
    /** UTC; without it the hour of the rotation. */
    hour: z.optional(z.int()),
  }),
);
export type Grace = z.infer<ReturnType<typeof Grace>>;

export const RotatedSecret = once(() => {
  const text = z.string();
  const whole = z.int();
  return z.object({
    id: whole,
    name: text,
    "target-name": text,
    "rotator-type": z.enum(rotatorTypes),
    "authentication-credentials": z.enum(credentials),
    /** The current one; 0 while the first is being made. */
    version: whole,
    "max-versions": whole,
    "auto-rotate": z.boolean(),
    /** Days. */
    "rotation-interval": z.optional(whole),
    /** UTC. */
    "rotation-hour": whole,
    /** So many days ahead it is told that the next rotation comes. */
    "rotation-event-in": z.array(whole),
    /** Those of them that were told of the next one. */
    told: z.array(whole),
    /** `unverified`: the current value could not be tried. */
    status: z.enum(["ok", "failed", "unverified"]),
    policy: z.optional(PasswordPolicy()),
    grace: z.optional(Grace()),
    /** So that the schedule unseals nothing: its key ids are in the content. */
    spare: z.optional(z.enum(["old", "next"])),
    /** A sentence, without values. */
    "last-error": z.optional(text),
    /** In a row. */
    failures: whole,
    /** Until when the schedule leaves it alone after a failure: epoch milliseconds. */
    rest: z.optional(z.number()),
    "rotated-at": z.optional(text),
    description: z.optional(text),
    tags: z.array(text),
    "item-custom-fields": z.optional(z.record(text, text)),
    "delete-protection": z.boolean(),
    "created-at": text,
    "modified-at": text,
  });
});
export type RotatedSecret = z.infer<ReturnType<typeof RotatedSecret>>;

/** Keyed by path. */
export const rotatedSecrets: RecordKind<RotatedSecret> = { name: "rotated-secrets", noun: "rotated secret", schema: RotatedSecret };

export const Content = once(() => {
  const text = z.string();
  return z.object({
    /** What holds the credential: an application's id, a user's principal name, or the place of a storage account (its resource id). */
    holder: text,
    /** Which of the storage account's keys. */
    key: z.optional(text),
    /** The newest first. */
    versions: z.array(
      z.object({
        version: z.int(),
        /** Of client secrets; not known of a target's own that was never rotated here. */
        "key-id": z.optional(text),
        secret: text,
        /** We made it, so we may remove it. */
        ours: z.boolean(),
        made: text,
      }),
    ),
    /** Key ids of the old one, until it is removed. */
    old: z.optional(z.array(text)),
    next: z.optional(z.object({ keyId: text, secret: text })),
    /** The newest first. */
    strays: z.array(text),
  });
});
export type Content = z.infer<ReturnType<typeof Content>>;

/** `content` is `Content` as JSON. Where a credential is, and whose, is sealed with its value: an edited place would lead a removal elsewhere. */
const RotatedValue = once(() => z.object({ content: z.string() }));
export type RotatedValue = z.infer<ReturnType<typeof RotatedValue>>;

/** Keyed by the item's number, which stays when the item moves. */
export const rotatedValues: RecordKind<RotatedValue> = {
  name: "rotated-values",
  noun: "value of a rotated secret",
  schema: RotatedValue,
  sealed: ["content"],
};

const phases = ["staging", "staged", "replacing", "retiring", "deleting"] as const;
export type Phase = (typeof phases)[number];

export const Work = once(() => {
  const text = z.string();
  return z.object({
    mark: text,
    /** Key ids that go when the new one is current. */
    retire: z.array(text),
    /** While it is `replacing` it may not be there yet. */
    made: z.optional(z.object({ keyId: z.optional(text), secret: text })),
    /** It is made to be kept for the date. */
    ahead: z.optional(z.literal(true)),
  });
});
export type Work = z.infer<ReturnType<typeof Work>>;

/** `work` is `Work` as JSON. Times are epoch milliseconds; whoever finds it after `until` may go on with it. */
const Rotation = once(() => z.object({ id: z.int(), phase: z.enum(phases), began: z.number(), until: z.number(), work: z.string() }));
export type Rotation = z.infer<ReturnType<typeof Rotation>>;

/** Keyed by the item's path: there is one at a time. */
export const rotations: RecordKind<Rotation> = { name: "rotations", noun: "unfinished rotation of", schema: Rotation, sealed: ["work"] };
