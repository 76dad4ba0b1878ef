import { UscError } from "../../kernel/errors.ts";
import { withStray } from "./failure.ts";
import type { Credential } from "./given.ts";
import type { Stand } from "./journal.ts";
import type { Content, RotatedSecret, Work } from "./model.ts";
import { spareKeys, well, withoutSpare } from "./spare.ts";

/** A credential that somebody else has made, for an item that has one. */
export interface Gift {
  credential: Credential;
  /** Whether the value before it stays readable; by default as many do as the item keeps. */
  keepsPrevious: boolean | undefined;
}

interface After {
  item: RotatedSecret;
  content: Content;
  /** Key ids that go: of ours alone. */
  retire: string[];
  /** False: it was the current one before. */
  isNew: boolean;
}

/** What is kept of an item as soon as the given credential is current. `left`: where a rotation stands that was left behind. `now`: when that is. */
export function withGift(item: RotatedSecret, content: Content, gift: Gift, left: Stand | undefined, now: string): After {
  const { "key-id": keyId, secret } = gift.credential;
  const [current] = content.versions;
  const isNew = current?.secret !== secret || current["key-id"] !== keyId;
  // Made, perhaps, and not current.
  const pending = left?.phase === "staging" || left?.phase === "staged" ? left.work : undefined;
  const ours = madeByUs(content, pending);
  requireItsKeyId(gift.credential, ours);
  const currentOfOurs = current?.ours === true ? [current["key-id"]] : [];
  const goes = [...currentOfOurs, ...spareKeys(content), pending?.made?.keyId, ...(left?.work.retire ?? [])].filter(
    (each) => each !== undefined,
  );
  const isOurs = keyId !== undefined && [...goes, ...ours.keys()].includes(keyId);
  const newest = { version: item.version + 1, ...gift.credential, ours: isOurs, made: now };
  const [rest, alone] = withoutSpare(well(item), content);
  return {
    item: isNew ? { ...rest, version: newest.version, "rotated-at": now } : rest,
    content: {
      ...alone,
      versions: isNew ? [newest, ...kept(content, item, gift)] : content.versions,
      strays: pending === undefined ? content.strays : withStray(content, pending.mark),
    },
    retire: [...new Set(goes)].filter((each) => each !== keyId),
    isNew,
  };
}

/** The client secrets that we have made, as far as their values are known: by their key ids. */
const madeByUs = ({ versions, next }: Content, pending: Work | undefined): Map<string, string> =>
  new Map(
    [...versions.filter(({ ours }) => ours).map((each) => ({ ...each, keyId: each["key-id"] })), next, pending?.made].flatMap((each) =>
      each?.keyId === undefined ? [] : [[each.keyId, each.secret] as const],
    ),
  );

/** Of the values before, those that stay readable. */
function kept({ versions }: Content, { "max-versions": most }: RotatedSecret, { keepsPrevious }: Gift): Content["versions"] {
  if (keepsPrevious === false) return versions.slice(1, most);
  return versions.slice(0, keepsPrevious === true ? Math.max(1, most - 1) : most - 1);
}

/** Of what we made we know which value is whose: by a wrong key id the value itself would be removed. */
function requireItsKeyId({ "key-id": keyId, secret }: Credential, ours: ReadonlyMap<string, string>): void {
  const [known] = [...ours].find(([, value]) => value === secret) ?? [keyId];
  if (known === keyId) return;
  throw new UscError("usage", `--api-id is not valid: that --api-key is the value of the client secret ${known}.`, {
    hint: "Give the key id that Azure has shown with the value.",
  });
}
