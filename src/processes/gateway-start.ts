import { hasCallers } from "../features/access/bootstrap.ts";
import { openHouse } from "../house.ts";
import { writeAll } from "../faces/cli/print.ts";
import { safeText } from "../kernel/printable.ts";
import { type Log, type LogLevel, logLevels, logTo } from "../faces/gateway/log.ts";
import { metrics } from "../faces/gateway/metrics.ts";
import { serve, type Serving } from "../faces/gateway/serve.ts";
import { sources } from "../faces/gateway/source.ts";
import { systemClock } from "../kernel/clock.ts";
import { errorDocument, UscError } from "../kernel/errors.ts";
import { graceMs } from "../kernel/steps.ts";
import { attendDuties } from "./gateway-duties.ts";
import { firstCaller } from "./gateway-first-caller.ts";
import { flagsOf, type Flags, help, last } from "./gateway-flags.ts";
import { placeOf, tlsOf } from "./gateway-place.ts";
import type { Made } from "./made.ts";
import { serviceOf } from "./gateway-service.ts";

export { help } from "./gateway-flags.ts";

/** `usc gateway start`: one JSON line when ready, then until SIGINT or SIGTERM. */
export async function run(argv: readonly string[], home: string, made: Made): Promise<number> {
  const flags = flagsOf(argv, process.env);
  if (flags === undefined) {
    writeAll(1, help);
    return 0;
  }
  // Node opens a debugger on this signal, for anyone on the machine.
  process.on("SIGUSR1", () => {});
  const log = logTo(
    together((lines) => writeAll(2, safeText(lines))),
    levelOf(flags),
  );
  const say = (sentence: string): void => log.write("warn", sentence);
  const sourceOf = sources(flags("trusted-proxy"));
  const place = await placeOf(flags);
  const counts = metrics();
  const house = await openHouse({
    home,
    environment: process.env,
    shapes: made.shapes(),
    x509Thread: made.thread("x509-thread"),
    onCall: ({ status }) => counts.azure(status),
  });
  const settings = { "audit-retention": last(flags, "audit-retention"), "notify-before": last(flags, "notify-before") };
  const duties = await house.duties(settings);
  if (!(await hasCallers(house))) await firstCaller(house.store, last(flags, "bootstrap-file"), say);
  const stopping = new AbortController();
  const atRest = new AbortController();
  const serving = await serve({
    ...place,
    ...serviceOf(house, { say, stop: stopping.signal }),
    outside: (sentence) => sentence.replaceAll(home, "USC_HOME"),
    log,
    metrics: counts,
    sourceOf,
    asset: made.asset,
    commands: made.manifest(),
  });
  const attending = attendDuties(house, { duties, settings, stop: atRest.signal, say });
  const stopped = toldToStop();
  process.on("SIGHUP", () => reload(serving, flags, log));
  writeAll(1, `${JSON.stringify({ ready: true, url: serving.url })}\n`);
  await stopped;
  log.write("info", "stopping");
  atRest.abort();
  await within(Promise.all([serving.stop(), attending]), graceMs, () => stopping.abort());
  return 0;
}

/** Lines of one turn of the event loop are written together; those of the last turn as well. */
function together(write: (lines: string) => void): (line: string) => void {
  let lines = "";
  const flush = (): void => {
    const all = lines;
    lines = "";
    if (all !== "") write(all);
  };
  process.on("exit", flush);
  return (line) => {
    if (lines === "") setImmediate(flush);
    lines += line;
  };
}

/** A renewed certificate that cannot be used leaves the one before in place: whoever asked hears why. */
function reload(serving: Serving, flags: Flags, log: Log): void {
  try {
    const tls = tlsOf(flags);
    if (tls !== undefined) serving.reload(tls);
    log.write(
      "info",
      tls === undefined ? "there is no TLS certificate to read anew" : "the next connection gets the TLS certificate that was read now",
    );
  } catch (error) {
    log.write("warn", `${errorDocument(error).error} The one before stays.`);
  }
}

/** The first signal; a second one ends the process. */
const toldToStop = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeAllListeners(signal).once(signal, () => resolve());
  });

/** What still runs when half of the time is over is asked to stop between two steps; its journal finishes it later. */
async function within(stop: Promise<unknown>, ms: number, abort: () => void): Promise<void> {
  const end = new AbortController();
  const limit = async (): Promise<void> => {
    await systemClock.sleep(ms / 2, end.signal);
    abort();
    await systemClock.sleep(ms / 2, end.signal);
  };
  await Promise.race([stop, limit().catch(() => {})]);
  end.abort();
}

function levelOf(flags: Flags): LogLevel {
  const given = last(flags, "log-level") ?? "info";
  const level = logLevels.find((known) => known === given);
  if (level === undefined) throw new UscError("usage", `--log-level is not valid: expected one of ${logLevels.join(", ")}.`);
  return level;
}
