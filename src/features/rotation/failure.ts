import { errorDocument, isCode, UscError } from "../../kernel/errors.ts";
import type { Change, Stored } from "../../kernel/store.ts";
import type { Engine } from "./deps.ts";
import { contentOf, contentPut, contentRemoved, findRotated } from "./find.ts";
import type { Held } from "./journal.ts";
import { type Content, type RotatedSecret, rotatedSecrets } from "./model.ts";
import { placeOf } from "./place.ts";
import { restAfter } from "./schedule.ts";
import { isHalf, withoutSpare } from "./spare.ts";
import { unstage } from "./stage.ts";

/** What a failure leaves behind: the old value, and nothing of ours at Azure; where that could not be seen to, the journal. */
export async function failed(engine: Engine, held: Held, error: unknown): Promise<unknown> {
  const { phase } = held.stand;
  const isUndone = phase === "staging" || phase === "staged";
  if (!isUndone || isCode(error, "interrupted") || (await held.isLost())) return kept(engine, held, error);
  const note = (item: Stored<RotatedSecret>): Promise<Change[]> => noted(engine, item, error);
  try {
    await undo(engine, held, (item) => (item.value.version === 0 ? gone(engine, item.value) : note(item)));
  } catch (second) {
    if (!(await held.isLost())) await held.release(await note(await findRotated(engine.store, held.path))).catch(() => {});
    if (isCode(second, "interrupted")) return second;
  }
  return error;
}

/** The journal stays: whoever comes next goes on. */
async function kept(engine: Engine, held: Held, error: unknown): Promise<unknown> {
  if (isCode(error, "interrupted")) await held.release().catch(() => {});
  if (isCode(error, "interrupted") || (await held.isLost())) return error;
  const { path, stand } = held;
  const open = stand.phase === "replacing" ? undecided(path, error) : error;
  const note = await noted(engine, await findRotated(engine.store, path), open);
  // A spare one that could not be removed is known, and due, as it was before.
  await (isHalf(stand) ? held.close(note) : held.release(note));
  if (stand.phase !== "retiring" || !(error instanceof UscError)) return open;
  const what = isHalf(stand) ? `A credential of ${path}` : `The new value of ${path} is current, but its old credential`;
  return new UscError(error.code, `${what} could not be removed yet. ${error.message}`, error.details);
}

/** The old value may be worth nothing, and the new one is not current. */
function undecided(path: string, error: unknown): unknown {
  if (!(error instanceof UscError)) return error;
  const { message, code, details } = error;
  const isLost = isCode(error, "unavailable", "lost");
  const hint = isLost ? `It is looked up, or set once more, by: usc rotate-secret --name ${path}` : details.hint;
  return new UscError(code, `${message} Until the rotation of ${path} has come to its end its value may not work.`, { ...details, hint });
}

/** Takes back what was made, and ends the rotation. `along`: what else is then so. */
export async function undo(
  engine: Engine,
  held: Held,
  along: (item: Stored<RotatedSecret>) => Change[] | Promise<Change[]>,
): Promise<void> {
  const { subject, rotator } = await placeOf(engine, held);
  if (rotator.is === "beside") await unstage(held, { subject, rotator });
  const item = await findRotated(engine.store, held.path);
  const { content, revision } = await contentOf(engine.store, item.value);
  const { mark, made } = held.stand.work;
  const strays = withStray(content, mark);
  // What was made ahead, and does not log in on its date, has gone with the rest.
  const isGone = content.next !== undefined && content.next.keyId === made?.keyId;
  const [value, left] = isGone ? withoutSpare(item.value, content) : [item.value, content];
  // What is replaced in its place bears no mark at Azure.
  const given = rotator.is === "beside" ? [contentPut(engine.store, value, { ...left, strays }, revision)] : [];
  await held.close([...given, ...(await along({ ...item, value }))]);
}

const mostStrays = 20;

export const withStray = ({ strays }: Content, mark: string): string[] => [mark, ...strays].slice(0, mostStrays);

/** Of an item whose first value was never made. */
export const gone = ({ store }: Engine, item: RotatedSecret): Change[] => [
  store.collection(rotatedSecrets).remove(item.name),
  contentRemoved(store, item),
];

async function noted({ store, clock, outbox }: Engine, { key, value, revision }: Stored<RotatedSecret>, error: unknown): Promise<Change[]> {
  const { error: sentence, code, retry_after: after = 0 } = errorDocument(error);
  const failures = value.failures + 1;
  const rest = clock.now() + restAfter(failures, after * 1000);
  const events = await outbox([
    {
      type: "rotated-secret-failure",
      source: { kind: "item", name: key },
      payload: { event_message: `${key} could not be rotated: ${sentence}`, version: String(value.version), code },
    },
  ]);
  const changed: RotatedSecret = { ...value, status: "failed", "last-error": sentence, failures, rest };
  return [store.collection(rotatedSecrets).put(key, changed, revision), ...events];
}
