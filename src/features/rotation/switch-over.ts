import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import type { Change } from "../../kernel/store.ts";
import type { Happening } from "../events/port.ts";
import { findTarget } from "../targets/find.ts";
import { targets } from "../targets/model.ts";
import type { Engine } from "./deps.ts";
import { contentOf, contentPut, findRotated } from "./find.ts";
import { type Held, onceMore } from "./journal.ts";
import { type RotatedSecret, rotatedSecrets } from "./model.ts";
import type { Untried } from "./port.ts";
import { nextRotation, rotatedAt } from "./schedule.ts";
import { shared, well, withoutSpare } from "./spare.ts";
import { requireClientSecret } from "./subject.ts";

/** From one moment to the next: the new value is current, the target logs in with it, and the old credential is to go. */
export async function switchOver(engine: Engine, held: Held, untried: Untried | undefined): Promise<void> {
  await onceMore(held, async () => {
    const [retire, changes] = await changesOf(engine, held, untried);
    await held.advance({ phase: "retiring", work: { ...held.stand.work, retire } }, changes);
  });
}

/** What is told when another value is current. */
export function succeeded(item: RotatedSecret, what: string): Happening {
  const next = nextRotation(item);
  return {
    type: "rotated-secret-success",
    source: { kind: "item", name: item.name },
    payload: {
      event_message: `${item.name} ${what}: version ${item.version} is current.`,
      version: String(item.version),
      ...(next === undefined ? {} : { date: rfc3339(next) }),
    },
  };
}

/** And what of the replaced goes now. */
async function changesOf(
  { store, clock, outbox }: Engine,
  { path, stand, began }: Held,
  untried: Untried | undefined,
): Promise<[retire: string[], Change[]]> {
  const { made } = stand.work;
  if (made === undefined) throw new TypeError("what becomes current was made");
  const { value: item, revision } = await findRotated(store, path);
  const { content, revision: of } = await contentOf(store, item);
  const last = item["rotated-at"];
  const now = rfc3339(rotatedAt(clock.now(), began, last === undefined ? undefined : Date.parse(last)));
  const version = item.version + 1;
  const newest = { version, ...present({ "key-id": made.keyId }), secret: made.secret, ours: true, made: now };
  const versions = [newest, ...content.versions].slice(0, item["max-versions"]);
  const { now: retire, old } = shared(item, content, stand.work);
  const [kept, alone] = withoutSpare(well(item), content);
  const isKept = old.length > 0;
  const rotated: RotatedSecret = {
    ...kept,
    ...(isKept ? { spare: "old" } : {}),
    version,
    status: untried === undefined ? "ok" : "unverified",
    told: [],
    "rotated-at": now,
  };
  const told = await outbox([succeeded(rotated, "was rotated")]);
  const changes = [
    store.collection(rotatedSecrets).put(path, rotated, revision),
    contentPut(store, item, { ...alone, versions, ...(isKept ? { old } : {}) }, of),
    ...(item["rotator-type"] === "target" ? await targetChange() : []),
    ...told,
  ];
  return [retire, changes];

  async function targetChange(): Promise<Change[]> {
    const target = await findTarget(store, item["target-name"]);
    if (requireClientSecret(target.value).client !== content.holder) {
      throw new UscError("conflict", `The target ${target.key} became another application meanwhile.`);
    }
    const changed = { ...target.value, "client-secret": made?.secret, "modified-at": now };
    return [store.collection(targets).put(target.key, changed, target.revision)];
  }
}
