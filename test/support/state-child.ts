import { openStore } from "../../src/adapters/state/index.ts";
import { errorDocument } from "../../src/kernel/errors.ts";
import { say } from "./points.ts";
import { stepOnce, stepsDone } from "./state-ledger.ts";
import { notices, papers } from "./state-papers.ts";

/** A process of its own that does one thing with a store: `node state-child.ts HOME ACT ARGUMENT [UID]`. It never closes the store, as usc never does. */
const [home = "", act = "", argument = "", uid] = process.argv.slice(2);

if (uid !== undefined) {
  process.setgroups?.([]);
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}

const acts: Record<string, () => Promise<unknown>> = {
  /** One sealed record of that name. */
  async put() {
    const store = openStore({ home });
    await store.commit([store.collection(papers).put(argument, { text: "t", secret: `secret of ${argument}` }, 0)]);
    return store.nextId("papers");
  },
  /** Opens an empty home without any patience for a lock. */
  async open() {
    return (await openStore({ home }, { lockTimeout: 0 }).collection(papers).list()).length;
  },
  async list() {
    return (await openStore({ home }).collection(papers).list()).map((paper) => paper.value.secret ?? "");
  },
  /** Opens the store as often as asked for, and each time a sealed record with no key in memory. */
  async reopen() {
    for (let index = 0; index < Number(argument); index++) await openStore({ home }).collection(papers).list();
    return "reopened";
  },
  /** Two records that agree, eight times; each time is said only once it is durable. */
  async pairs() {
    const store = openStore({ home }, { lockTimeout: 60_000 });
    for (let index = 1; index <= 8; index++) {
      const sides = ["left", "right"].map((side) => store.collection(notices).put(`${argument}/${side}`, { text: String(index) }));
      await store.commit(sides);
      say({ written: index });
    }
    return "written";
  },
  /** Records of 8 KiB until it fails or has written as many as asked for. */
  async fill() {
    const store = openStore({ home });
    for (let index = 0; index < Number(argument); index++) {
      await store.commit([store.collection(papers).put(`/${index}`, { text: "x".repeat(8192), secret: `s${index}` }, 0)]);
      say({ filled: index });
    }
    return "filled";
  },
  /** As many audited writes as asked for, and a read after each. */
  async audit() {
    // On a busy machine fifty of them wait long for each other; how long one may is not what they are asked.
    const { audit } = openStore({ home }, { lockTimeout: 60_000, noteTimeout: 60_000 });
    for (let index = 0; index < Number(argument); index++) {
      const entry = { time: "2026-01-01T00:00:00Z", operation: "paint", caller: String(process.pid) };
      const outcome = { time: entry.time, outcome: "ok", duration_ms: index } as const;
      const intent = await audit.intend(entry);
      say({ intent });
      await audit.close(intent, outcome);
      await audit.note(entry, outcome);
    }
    return "audited";
  },
  async rotate() {
    return openStore({ home }).rotateKey({ of: "all" });
  },
  /** As a face does it: in the audit before and after. */
  async restore() {
    const store = openStore({ home });
    const entry = { time: "2026-01-01T00:00:00Z", operation: "state restore", caller: String(process.pid) };
    const intent = await store.audit.intend(entry);
    const restored = await store.restore(argument, { force: true, without: [] });
    await store.audit.close(intent, { time: entry.time, outcome: "ok", duration_ms: 1 });
    return restored;
  },
  async backup() {
    return openStore({ home }).backup(argument);
  },
  /** Makes a copy and restores it, again and again. */
  async shuttle() {
    const store = openStore({ home });
    for (let index = 0; ; index++) {
      const copy = `${argument}-${index}`;
      await store.backup(copy);
      say({ copied: copy });
      await store.restore(copy, { force: true, without: [] });
      say({ restored: copy });
      await store.rotateKey({ of: "all" });
    }
  },
  /** Steps of the ledger, from where the store stands; each is said only once it is durable. */
  async work() {
    const store = openStore({ home });
    for (let step = await stepsDone(store); step < Number(argument); step++) {
      await stepOnce(store, step);
      say({ done: step + 1 });
    }
    return "worked";
  },
};

try {
  say({ answer: await acts[act]?.() });
  process.exit(0);
} catch (thrown) {
  say(errorDocument(thrown));
  process.exit(1);
}
