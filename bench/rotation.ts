import { join } from "node:path";
import { openStore } from "../src/adapters/state/index.ts";
import { contentOf, contentPut } from "../src/features/rotation/find.ts";
import { rotatedSecrets } from "../src/features/rotation/model.ts";
import { file, measure, median, stage, tell, usc } from "./stage.ts";

// The CPU of rotations that are due, by `usc duty run`, against the same requests. `node bench/rotation.ts PAIRS COUNT`: each rotation waits for a
// second between its logins, four go on at a time, so that 1,000 take more than four minutes.
const [pairs = 3, count = 100] = process.argv.slice(2).map(Number);
const { ready, home, environment, run, end } = await stage("rotation");
const store = openStore({ home: join(home, "state") });
const items = store.collection(rotatedSecrets);

/** As many as are due: each rotation of the first one's application makes a secret of its own. */
async function plant(): Promise<void> {
  run([
    "rotated-secret",
    "create",
    "azure",
    "--name",
    "item",
    "--target-name",
    "t",
    "--rotator-type",
    "api-key",
    "--auto-rotate",
    "--rotation-interval",
    "1",
  ]);
  const first = await items.get("/item");
  if (first === undefined) throw new Error("no item");
  const { content } = await contentOf(store, first.value);
  const versions = content.versions.map((each) => ({ ...each, ours: false }));
  for (let at = 1; at < count; at += 1) {
    const item = { ...first.value, id: await store.nextId("items"), name: `/item-${at}` };
    await store.commit([items.put(item.name, item, 0), contentPut(store, item, { ...content, versions }, 0)]);
  }
}

async function ours(): Promise<number> {
  for (const { key, value, revision } of await items.list())
    await store.commit([items.put(key, { ...value, "rotated-at": "2026-01-01T00:00:00Z" }, revision)]);
  const versions = async (): Promise<number> => (await items.list()).reduce((sum, { value }) => sum + value.version, 0);
  const before = await versions();
  const { cpu } = measure([usc, "duty", "run", "--name", "rotation"], environment);
  const rotated = (await versions()) - before;
  if (rotated !== count) throw new Error(`${rotated} of ${count} were rotated`);
  return cpu;
}

function yardstick(): number {
  const login = `${ready.authority_host}/${ready.tenant_id}/oauth2/v2.0/token`;
  const asked = { GRAPH: ready.graph_endpoint, LOGIN: login, CLIENT: ready.client_id, SECRET: ready.client_secret, COUNT: String(count) };
  return measure([file("bare-rotate.cjs")], { ...environment, ...asked }).cpu;
}

try {
  await plant();
  await ours();
  yardstick();
  const [ratios, own]: [number[], number[]] = [[], []];
  for (let index = 0; index < pairs; index += 1) {
    const [first, second] = index % 2 === 0 ? [await ours(), yardstick()] : [yardstick(), await ours()];
    const [a, b] = index % 2 === 0 ? [first, second] : [second, first];
    ratios.push(a / b);
    own.push(a);
  }
  tell(
    `${count} due rotations / their requests alone`,
    "cpu",
    median(ratios),
    Number.NaN,
    `${Math.round((median(own) / count) * 1000)} ms each`,
  );
} finally {
  end();
}
