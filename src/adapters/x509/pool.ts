import type { Worker } from "node:worker_threads";
import type { X509 } from "../../features/objects/x509-port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { x509 } from "./index.ts";
import { seats } from "./seats.ts";
import type { Asked, Told } from "./thread.ts";

interface PoolOptions {
  /** A thread that runs `thread.ts`. */
  start: () => Worker;
  clock: Clock;
  threads?: number;
  /** How many calls may wait for a thread. */
  waiting?: number;
  /** From the call to its answer. The slowest file within the limits took 9 s where it was measured. */
  withinMs?: number;
  /** A thread that had nothing to do for so long ends. */
  idleMs?: number;
}

/** X.509 in threads of its own, for a program that serves others meanwhile. What is quick, and what no caller's file makes slow, stays here. */
export function x509Pool({ start, clock, threads = 2, waiting = 50, withinMs = 30_000, idleMs = 60_000 }: PoolOptions): X509 {
  const idle = new Map<Worker, AbortController>();
  const { sit } = seats(threads, waiting);

  function begin(): Worker {
    const worker = start();
    // Whoever waits for its answer hears of it as well; nobody may.
    worker.on("error", () => {});
    worker.once("exit", () => idle.delete(worker));
    return worker;
  }

  function rested(): Worker | undefined {
    const [found] = idle;
    if (found === undefined) return undefined;
    const [worker, ending] = found;
    idle.delete(worker);
    ending.abort();
    return worker;
  }

  function rest(worker: Worker): void {
    const ending = new AbortController();
    idle.set(worker, ending);
    clock.sleep(idleMs, ending.signal).then(
      () => worker.terminate(),
      () => {},
    );
  }

  async function through<T>(asked: Asked): Promise<T> {
    const seat = sit();
    const limit = new AbortController();
    const late = clock.sleep(withinMs, limit.signal).then(() => {
      throw new UscError("unavailable", "The certificate took too long to read or write, and was given up.", {
        hint: "Its password may be protected with too much work, or the gateway is busy.",
      });
    });
    let worker: Worker | undefined;
    try {
      await Promise.race([seat.free, late]);
      worker = rested() ?? begin();
      const told = await Promise.race([replyOf<T>(worker, asked), late]);
      rest(worker);
      if ("answer" in told) return told.answer;
      const { code, error, hint } = told.failure;
      throw new UscError(code, error, { hint });
    } catch (error) {
      if (worker !== undefined && !idle.has(worker)) void worker.terminate();
      throw error;
    } finally {
      late.catch(() => {});
      limit.abort();
      seat.leave();
    }
  }

  return {
    ...x509,
    async readBundle(input) {
      const { leaf, chain, key } = await through<Awaited<ReturnType<X509["readBundle"]>>>({ call: "readBundle", input });
      return { leaf: bytesOf(leaf), chain: chain.map(bytesOf), key: bytesOf(key) };
    },
    async readCertificates(bytes) {
      const { leaf, chain } = await through<Awaited<ReturnType<X509["readCertificates"]>>>({ call: "readCertificates", bytes });
      return { leaf: bytesOf(leaf), chain: chain.map(bytesOf) };
    },
    writePfx: async (bundle, password) => bytesOf(await through<Uint8Array>({ call: "writePfx", bundle, password })),
    describe: (bytes) => through({ call: "describe", bytes }),
  };
}

/** The same bytes under the name that the house uses; a copy would be one more of a key. */
const bytesOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length);

function replyOf<T>(worker: Worker, asked: Asked): Promise<Told<T>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off("message", onMessage);
      worker.off("exit", onExit);
      act();
    };
    const onMessage = (told: Told<T>): void => settle(() => resolve(told));
    const onExit = (): void =>
      settle(() => reject(new UscError("unavailable", "Reading or writing the certificate was given up: its thread has ended.")));
    worker.on("message", onMessage);
    worker.on("exit", onExit);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(asked);
  });
}
