import { isCode, UscError } from "../../kernel/errors.ts";
import { requireClock } from "./clock-check.ts";
import type { Engine } from "./deps.ts";
import type { Held } from "./journal.ts";
import type { Content } from "./model.ts";
import type { Given, Renewed, Subject } from "./port.ts";

interface At {
  content: Content;
  subject: Subject;
  rotator: Given | Renewed;
}

/**
 * Gives a credential another value in its place. From the write of `replacing` on the old one may be worth nothing, so there is no way back, unless Azure
 * refuses: then all is as it was. A value that we choose is in that same write, since after the answer is lost nobody else knows it.
 */
export async function replace({ clock }: Engine, held: Held, at: At): Promise<void> {
  const { subject, rotator } = at;
  const before = held.stand;
  await held.hold("Looking at what is replaced");
  // Who may not look at a key would not learn, either, what became of it.
  requireClock(clock.now(), await rotator.look(subject));
  await held.hold("Replacing the credential");
  const work = rotator.is === "given" ? { ...before.work, made: { secret: rotator.choose(subject) } } : before.work;
  await held.advance({ phase: "replacing", work });
  const secret = await changed(at, work.made?.secret).catch(async (error: unknown) => {
    if (!(error instanceof UscError)) throw error;
    if (!isCode(error, "unavailable", "lost")) {
      await held.advance(before);
      throw error;
    }
    const found = await regain(held, at).catch((second: unknown) => {
      throw isCode(second, "interrupted") ? second : error;
    });
    if (!found) throw error;
    return undefined;
  });
  if (secret !== undefined) await known(held, secret);
}

/** Whether a replacement goes on whose answer nobody heard: Azure shows which value works, and takes one of ours as often as it is told to. */
export async function regain(held: Held, { content, subject, rotator }: At): Promise<boolean> {
  if (rotator.is === "renewed") {
    await held.hold("Looking which value works");
    const { secret } = await rotator.look(subject);
    if (secret === content.versions[0]?.secret) return false;
    await known(held, secret);
    return true;
  }
  const secret = held.stand.work.made?.secret;
  if (secret === undefined) return false;
  await held.hold("Setting the new value once more");
  await rotator.stage(subject, secret).catch(async (error: unknown) => {
    // Who may do it no more, but has done it.
    if (!(await logsIn(rotator, subject, secret))) throw error;
  });
  return true;
}

async function changed({ subject, rotator }: At, chosen: string | undefined): Promise<string> {
  if (rotator.is === "renewed") return rotator.stage(subject);
  if (chosen === undefined) throw new TypeError("it was chosen a moment ago");
  await rotator.stage(subject, chosen);
  return chosen;
}

async function known(held: Held, secret: string): Promise<void> {
  const { work } = held.stand;
  if (work.made?.secret !== secret) await held.advance({ work: { ...work, made: { secret } } });
}

const logsIn = (rotator: Given, subject: Subject, secret: string): Promise<boolean> =>
  rotator.verify(subject, secret).then(
    (untried) => untried === undefined,
    () => false,
  );
