import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { x509 } from "../../../src/adapters/x509/index.ts";
import { x509Pool } from "../../../src/adapters/x509/pool.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { until } from "../../support/program.ts";
import { algorithms, family } from "./family.ts";
import { openssl } from "./openssl.ts";

const judge = openssl();
const { pem } = family(judge, algorithms["EC P-256"]);
afterAll(() => judge.close());
const password = "correct horse";
const pfx = (...more: string[]): Buffer =>
  judge(["pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.pem", "-passout", `pass:${password}`, ...more]);
/** Within the bounds, and seconds of work: the iterations that one input may ask for. */
const slow = { bytes: pfx("-macalg", "sha512", "-certpbe", "NONE", "-keypbe", "NONE", "-iter", "1999999"), password };
const bundle = { bytes: Buffer.from(pem.leaf + pem.key) };

/** A pool, and the threads that it has begun. */
function pool(options: Partial<Parameters<typeof x509Pool>[0]> = {}) {
  const begun: Worker[] = [];
  const ended: Worker[] = [];
  const start = (): Worker => {
    const worker = new Worker(join(import.meta.dirname, "../../../src/adapters/x509/thread.ts"));
    begun.push(worker);
    worker.once("exit", () => ended.push(worker));
    return worker;
  };
  const tool = x509Pool({ start, clock: systemClock, ...options });
  afterAll(() => Promise.all(begun.map((worker) => worker.terminate())));
  return { tool, begun, ended };
}

describe("X.509 in threads of its own", () => {
  const { tool, begun } = pool();

  it("reads and writes what this thread does", async () => {
    const input = { bytes: pfx(), password };
    expect(await tool.readBundle(input)).toEqual(await x509.readBundle(input));
    const { leaf } = await tool.readBundle(bundle);
    expect(await tool.describe(leaf)).toEqual(await x509.describe(leaf));
    expect(await tool.readCertificates(Buffer.from(pem.leaf))).toEqual(await x509.readCertificates(Buffer.from(pem.leaf)));
    const made = await tool.readBundle(bundle);
    const written = await tool.writePfx(made, password);
    expect(Buffer.isBuffer(written)).toBe(true);
    expect(await x509.readBundle({ bytes: written, password })).toEqual(made);
  });

  it("leaves the caller's own bytes as they are", async () => {
    const input = { bytes: Buffer.from(bundle.bytes) };
    const made = await tool.readBundle(input);
    await tool.writePfx(made, "");
    expect(input.bytes).toEqual(bundle.bytes);
    expect(made.key.some((byte) => byte !== 0)).toBe(true);
  });

  it("refuses with the same sentence, and goes on", async () => {
    const wrong = { bytes: pfx(), password: "wrong" };
    const failure = await x509.readBundle(wrong).catch((error: unknown) => error);
    await expect(tool.readBundle(wrong)).rejects.toEqual(failure);
    await expect(tool.readBundle(bundle)).resolves.toBeDefined();
    expect(begun).toHaveLength(1);
  });
});

describe("threads", () => {
  it("are two at most, and the others wait their turn", async () => {
    const { tool, begun } = pool();
    const all = await Promise.all(Array.from({ length: 12 }, () => tool.readBundle(bundle)));
    expect(all).toHaveLength(12);
    expect(begun).toHaveLength(2);
  });

  it("end when there was nothing to do, and begin again", async () => {
    const { tool, begun, ended } = pool({ idleMs: 1 });
    await tool.readBundle(bundle);
    await until("the thread has ended", () => ended.length === 1);
    await tool.readBundle(bundle);
    expect(begun).toHaveLength(2);
  });

  it("that die take one call with them, and no other", async () => {
    const { tool, begun } = pool({ threads: 1 });
    const lost = tool.readBundle(slow);
    const next = tool.readBundle(bundle);
    await until("the thread is there", () => begun.length === 1);
    await begun[0]?.terminate();
    await expect(lost).rejects.toMatchObject({ code: "unavailable" });
    await expect(next).resolves.toBeDefined();
    expect(begun).toHaveLength(2);
  });

  it("give up what takes too long, and so does whoever waits behind it", async () => {
    const { tool, ended } = pool({ threads: 1, withinMs: 100 });
    const late = { code: "unavailable", message: expect.stringContaining("took too long") };
    await Promise.all([
      expect(tool.readBundle(slow)).rejects.toMatchObject(late),
      expect(tool.readBundle(slow)).rejects.toMatchObject(late),
    ]);
    // The second may have had a thread of its own for a moment, which ends as well.
    await until("the thread has ended", () => ended.length >= 1);
  });

  it("let no more than so many wait", async () => {
    const { tool } = pool({ threads: 1, waiting: 1 });
    const first = tool.readBundle(bundle);
    const second = tool.readBundle(bundle);
    await expect(tool.readBundle(bundle)).rejects.toMatchObject({ code: "unavailable", details: { retryAfter: 5 } });
    await Promise.all([first, second]);
  });
});
