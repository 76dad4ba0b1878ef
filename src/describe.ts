import { commandsOf, type Manifest } from "./kernel/manifest.ts";
import { rooms } from "./rooms.ts";

/** Every command as plain data: for the build, the reference and the tests. Only `run` touches the store, and nothing runs. */
export async function describe(): Promise<Manifest> {
  const unused = (): never => {
    throw new TypeError("a description opens no store");
  };
  const collection = { get: unused, list: unused, count: unused, put: unused, remove: unused, touch: unused, vacant: unused };
  const nothing = {
    home: "",
    environment: {},
    steps: { at: unused, pause: unused, confirm: unused, warn: unused, stopping: unused },
    seen: () => ({}),
    rights: () => undefined,
    source: () => undefined,
    store: {
      collection: () => collection,
      commit: unused,
      nextId: unused,
      rotateKey: unused,
      backup: unused,
      restore: unused,
      audit: { intend: unused, close: unused, note: unused, pages: unused, verify: unused, prune: unused },
    },
  };
  const described = await Promise.all(Object.entries(rooms).map(async ([name, room]) => commandsOf(name, await room(nothing))));
  return described.flat();
}
