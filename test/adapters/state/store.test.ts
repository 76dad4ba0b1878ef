import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openStore } from "../../../src/adapters/state/index.ts";
import { storeContract } from "../../contract/store.ts";
import { memoryStore } from "../../support/memory-store.ts";

const scratch = mkdtempSync(join(tmpdir(), "usc-store-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let homes = 0;
storeContract("the store on disk", () => openStore({ home: join(scratch, `home-${++homes}`) }));
storeContract("the store of a long-lived process", () => openStore({ home: join(scratch, `home-${++homes}`), life: "long" }));
storeContract("the store in memory", memoryStore);
