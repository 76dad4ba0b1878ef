import { isCode, UscError } from "../../kernel/errors.ts";
import { requireClock } from "./clock-check.ts";
import type { Deps } from "./deps.ts";
import type { Content, RotatedSecret } from "./model.ts";
import type { Standing, Untried } from "./port.ts";
import { requireRoom } from "./stage.ts";
import { subjectOf } from "./subject.ts";

type Of = Pick<RotatedSecret, "target-name" | "rotator-type" | "authentication-credentials" | "policy">;

/** What is given is what works, and can be replaced: or it is not taken. `leaving`: key ids that go when it is. */
export async function tryOut(
  { store, clock, rotators, steps }: Deps,
  item: Of,
  content: Content,
  leaving: readonly string[] = [],
): Promise<Untried | undefined> {
  const [current] = content.versions;
  const subject = await subjectOf(store, item, content);
  const rotator = await rotators[item["rotator-type"]]();
  if (rotator.is === "renewed") {
    const shown = await rotator.look(subject);
    requireClock(clock.now(), shown);
    if (shown.secret === current?.secret) return undefined;
    throw new UscError("conflict", `The ${subject.key} of ${subject.holder} is another now than the one that is stored.`, {
      hint: "Somebody else has regenerated it. A rotation makes a new one, and stores it.",
    });
  }
  const untried = current === undefined ? undefined : await rotator.verify(subject, current.secret).catch(ofItself);
  if (rotator.is === "beside") {
    const standing = await rotator.look(subject);
    requireClock(clock.now(), standing);
    requireHint(current, standing);
    requireRoom(subject, { ...standing, credentials: standing.credentials.filter(({ keyId }) => !leaving.includes(keyId)) });
  } else requireClock(clock.now(), await rotator.look(subject));
  if (!untried) return undefined;
  steps.warn(`The value is unverified: ${untried.why}`);
  return untried;
}

/** A client secret is tried in the place of the target's own, and a refusal tells of the target. */
function ofItself(error: unknown): never {
  if (!(error instanceof UscError) || !isCode(error, "unauthenticated")) throw error;
  throw new UscError(error.code, `The value does not log in. ${error.message}`, {
    ...error.details,
    hint: "It was tried itself, and not what the target has. One that was made a moment ago may need a minute.",
  });
}

/** One that logs in may be another than its key id says: then the wrong one would be removed some day, or kept. */
function requireHint(current: Content["versions"][number] | undefined, { credentials }: Standing): void {
  const keyId = current?.["key-id"];
  const hint = credentials.find((each) => each.keyId === keyId)?.hint;
  if (current === undefined || hint === undefined || current.secret.startsWith(hint)) return;
  throw new UscError("usage", `The client secret ${keyId} begins otherwise than the value that is given for it.`, {
    hint: "az ad app credential list --id APP-ID shows the key id and the first letters of each.",
  });
}

/** What Azure shows of what it renews is the first version of it, and nothing is changed. */
export async function firstShown({ store, rotators }: Deps, item: Of, content: Content, made: string): Promise<Content> {
  const rotator = await rotators[item["rotator-type"]]();
  if (rotator.is !== "renewed") return content;
  const { secret } = await rotator.look(await subjectOf(store, item, content));
  return { ...content, versions: [{ version: 1, secret, ours: false, made }] };
}
