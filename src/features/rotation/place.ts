import type { Engine } from "./deps.ts";
import { contentOf, findRotated } from "./find.ts";
import type { Held } from "./journal.ts";
import type { Content, RotatedSecret } from "./model.ts";
import type { Rotator, Subject } from "./port.ts";
import { subjectOf } from "./subject.ts";

/** All that a step at Azure needs, as it stands in the store now. */
interface Place {
  item: RotatedSecret;
  content: Content;
  subject: Subject;
  rotator: Rotator;
}

export async function placeOf({ store, rotators }: Engine, { path }: Held): Promise<Place> {
  const { value: item } = await findRotated(store, path);
  const { content } = await contentOf(store, item);
  return { item, content, subject: await subjectOf(store, item, content), rotator: await rotators[item["rotator-type"]]() };
}
