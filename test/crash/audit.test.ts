import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import type { AuditRow } from "../../src/features/audit/port.ts";
import { canTrace, runChild, stateLab } from "../support/state-lab.ts";

const { newHome } = stateLab();
let killPoints = 0;
let lost = 0;
afterAll(() => console.log(`audit: ${killPoints} kill points, ${lost} lost`));

describe("a process that is killed with -9 while it audits", () => {
  it("leaves every intent that it was told of, none but its last without an outcome, and a chain that is whole and goes on", async () => {
    const home = newHome();
    const told = new Set<number>();
    let unknown = 0;
    for (let round = 0; round < 30; round++) {
      let after = 1 + (round % 5);
      const ended = await runChild([home, "audit", "1000"], [], (kill) => {
        if (after-- > 0) return;
        const end = performance.now() + ((round * 0.29) % 2);
        while (performance.now() < end);
        kill();
      });
      expect(ended.exit).toBeNull();
      for (const { intent } of ended.lines) told.add(Number(intent));
      const { audit } = openStore({ home });
      const rows: AuditRow[] = [];
      for await (const page of audit.pages({})) rows.push(...page);
      const ids = new Set(rows.map(({ id }) => id));
      lost += [...told].filter((id) => !ids.has(id)).length;
      unknown = rows.filter(({ outcome }) => outcome === "unknown").length;
      expect((await audit.verify()).findings).toEqual([]);
      killPoints++;
    }
    expect(lost).toBe(0);
    expect(unknown).toBeLessThanOrEqual(30);
    expect(told.size).toBeGreaterThan(60);
  });
});

describe("an intent", () => {
  it.runIf(canTrace())("was synced before it was acknowledged, and a read's row costs no sync (needs strace)", async () => {
    const home = newHome();
    const trace = join(home, "..", "trace-audit");
    const strace = ["strace", "-f", "-qq", "-y", "-o", trace, "-e", "trace=pwrite64,write,fsync,fdatasync"];
    expect((await runChild([home, "audit", "5"], strace)).exit).toBe(0);
    let unsynced = 0;
    let acknowledged = 0;
    let syncs = 0;
    for (const line of readFileSync(trace, "utf8").split("\n")) {
      if (/ pwrite64\(\d+<[^>]*usc\.db-wal>/u.test(line)) unsynced++;
      if (/ f(data)?sync\(\d+<[^>]*usc\.db-wal>/u.test(line)) {
        unsynced = 0;
        if (acknowledged > 0) syncs++;
      }
      if (!/ write\(1<.*intent/u.test(line)) continue;
      expect(unsynced, line).toBe(0);
      acknowledged++;
    }
    expect(acknowledged).toBe(5);
    // Four more intents and five outcomes; the five notes between them had none.
    expect(syncs).toBe(9);
  });
});
