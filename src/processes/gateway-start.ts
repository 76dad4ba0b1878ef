import { readFileSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { admission } from "../features/access/admission.ts";
import { bootstrap, type Bootstrap, hasCallers } from "../features/access/bootstrap.ts";
import { openHouse } from "../house.ts";
import { writeOutFile } from "../faces/cli/out-file.ts";
import { safeLine, writeAll } from "../faces/cli/print.ts";
import { serve, type ServeOptions, type Serving } from "../faces/gateway/serve.ts";
import { systemClock } from "../kernel/clock.ts";
import { UscError } from "../kernel/errors.ts";
import { jsonSchemaOf } from "../kernel/json-schema.ts";
import type { Manifest } from "../kernel/manifest.ts";
import { invoke } from "../kernel/operation.ts";
import type { Shape } from "../kernel/shape.ts";
import { stepsOf } from "../kernel/steps.ts";
import { attendDuties } from "./gateway-duties.ts";

export const help = `  usc gateway start --listen 127.0.0.1:8000

Serves every operation over HTTP, at its documented path, until it is stopped. The first start makes an admin's access key.

Flags (each also as USC_FLAG in the environment):
  --listen <HOST:PORT>     Where to listen (default: 127.0.0.1:8000; port 0 takes a free one)
  --tls-cert <PATH>        Certificate and chain, PEM; SIGHUP reads it anew
  --tls-key <PATH>         Its private key, PEM
  --insecure-listen        Let an address beyond this machine be served without TLS
  --allowed-host <NAME>    Name that clients may call it by, beside the address; may be repeated
  --bootstrap-file <PATH>  New file (mode 0600) for the admin's access key, where there is no terminal to show it on
  --audit-retention <DURATION>  How long rows of the audit stay, or forever (default: 365d)
  --notify-before <DURATION>    How long before it expires an object is told of (default: 30d)
`;

type Environment = Readonly<Record<string, string | undefined>>;
const graceMs = 20_000;

/** What the build wrote down of commands and records. */
interface Made {
  manifest: () => Manifest;
  shapes: () => Readonly<Record<string, Shape>>;
}

/** `usc gateway start`: one JSON line when ready, then until SIGINT or SIGTERM. */
export async function run(argv: readonly string[], home: string, made: Made): Promise<number> {
  const flags = parse(argv, process.env);
  if (flags.help) {
    writeAll(1, help);
    return 0;
  }
  const say = (sentence: string): void => writeAll(2, `usc: ${safeLine(sentence)}\n`);
  const house = await openHouse({ home, environment: process.env, shapes: made.shapes() });
  const clock = systemClock;
  const settings = { "audit-retention": flags["audit-retention"], "notify-before": flags["notify-before"] };
  const duties = await house.duties(settings);
  if (!(await hasCallers(house))) await firstCaller(house, flags["bootstrap-file"]);
  const stopping = new AbortController();
  const atRest = new AbortController();
  const options: ServeOptions = {
    ...placeOf(flags),
    commands: made.manifest(),
    async answerOf({ room, name, bare }) {
      const output = (await house.find(room, name)).output();
      return jsonSchemaOf(bare === undefined ? output : (output.def.shape[bare] ?? output));
    },
    admit: admission({ store: house.store, clock }),
    call(command, input, bearer) {
      const seen = {};
      const steps = stepsOf({ clock, stop: { signal: stopping.signal, hold() {} }, tell() {}, warn: say, ask: async () => true });
      const witness = {
        audit: house.store.audit,
        clock,
        seen,
        caller: () => bearer?.name ?? "nobody yet",
        rights: bearer?.rights,
        warn: say,
      };
      return house.within({ seen, steps, rights: bearer?.rights }, async () =>
        invoke(await house.find(command.room, command.name), input, witness, { declaration: command }),
      );
    },
  };
  const serving = await serve(options);
  const attending = attendDuties(house, { duties, settings, stop: atRest.signal, say });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeAllListeners(signal).on(signal, () => resolve());
  });
  process.on("SIGHUP", () => reload(serving, flags, say));
  // Node opens a debugger on this signal, for anyone on the machine.
  process.on("SIGUSR1", () => {});
  writeAll(1, `${JSON.stringify({ ready: true, url: serving.url })}\n`);
  await stopped;
  atRest.abort();
  await within(Promise.all([serving.stop(), attending]), graceMs, () => stopping.abort());
  return 0;
}

/** A renewed certificate that cannot be used leaves the one before in place: whoever asked hears why. */
function reload(serving: Serving, flags: Flags, say: (sentence: string) => void): void {
  try {
    const tls = tlsOf(flags);
    if (tls !== undefined) serving.reload(tls);
  } catch (error) {
    say(`${error instanceof UscError ? error.message : "The new TLS certificate and key do not fit."} The one before stays.`);
  }
}

/** What still runs when half of the time is over is asked to stop between two steps; its journal finishes it later. */
async function within(stop: Promise<unknown>, ms: number, abort: () => void): Promise<void> {
  const half = setTimeout(abort, ms / 2);
  const end = new AbortController();
  await Promise.race([stop, systemClock.sleep(ms, end.signal).catch(() => {})]);
  end.abort();
  clearTimeout(half);
}

/** Shown once to a person, or written to a new file of his: nobody else gets it, and it stands nowhere else. */
async function firstCaller({ store }: Awaited<ReturnType<typeof openHouse>>, path: string | undefined): Promise<void> {
  const terminal = process.stderr.isTTY === true;
  if (path === undefined && !terminal) {
    throw new UscError("usage", "This is the first start, and there is no terminal to show the admin's access key on.", {
      hint: "Give --bootstrap-file PATH: a new file, mode 0600.",
    });
  }
  let written: string | undefined;
  const hand = (made: Bootstrap): void => {
    if (path === undefined) {
      return writeAll(2, `usc: the admin's access id is ${made.access_id} and its key ${made.access_key}; the key is not shown again.\n`);
    }
    writeOutFile(path, Buffer.from(`${JSON.stringify(made)}\n`), false, "--bootstrap-file");
    written = path;
  };
  await bootstrap({ store, clock: systemClock }, hand).catch((error: unknown) => {
    // Another gateway was faster, and its key is the one. A file that is not ours stays what it is.
    if (written !== undefined) rmSync(written, { force: true });
    throw error;
  });
}

function placeOf(flags: Flags): Pick<ServeOptions, "host" | "port" | "tls" | "allowedHosts"> {
  const [, host = "", digits = ""] = /^(\[[0-9a-f:.]+\]|[^:\s]+):(\d{1,5})$/iu.exec(flags.listen) ?? [];
  if (host === "" || Number(digits) > 65_535) {
    throw new UscError("usage", "--listen is not valid: expected HOST:PORT.", { hint: "For example 127.0.0.1:8000" });
  }
  const bare = host.replace(/^\[|\]$/gu, "");
  const tls = tlsOf(flags);
  if (tls === undefined && !isLoopbackAddress(bare) && flags["insecure-listen"] !== true) {
    throw new UscError("usage", `${host} can be reached from other machines, and there is no TLS.`, {
      hint: "Give --tls-cert and --tls-key; behind a proxy that does TLS, --insecure-listen.",
    });
  }
  return { host: bare, port: Number(digits), tls, allowedHosts: flags["allowed-host"] ?? [] };
}

/** Addresses alone: what a name leads to may change. */
const isLoopbackAddress = (host: string): boolean => /^127(?:\.\d{1,3}){3}$/u.test(host) || host === "::1";

function tlsOf(flags: Flags): { cert: Buffer; key: Buffer } | undefined {
  const { "tls-cert": cert, "tls-key": key } = flags;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new UscError("usage", "--tls-cert and --tls-key go together.");
  return { cert: read(cert, "tls-cert"), key: read(key, "tls-key") };
}

function read(path: string, flag: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new UscError("usage", `--${flag} cannot be read.`, { hint: "Check the path and its permissions." });
  }
}

type Flags = ReturnType<typeof parse>;

function parse(argv: readonly string[], environment: Environment) {
  const text = (flag: string): { type: "string"; default?: string } => {
    const given = environment[`USC_${flag.toUpperCase().replaceAll("-", "_")}`];
    return { type: "string", ...(given === undefined || given === "" ? {} : { default: given }) };
  };
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        listen: text("listen"),
        "tls-cert": text("tls-cert"),
        "tls-key": text("tls-key"),
        "insecure-listen": { type: "boolean", default: environment["USC_INSECURE_LISTEN"] === "true" },
        "allowed-host": { type: "string", multiple: true, default: environment["USC_ALLOWED_HOST"]?.split(",").filter(Boolean) ?? [] },
        "bootstrap-file": text("bootstrap-file"),
        "audit-retention": text("audit-retention"),
        "notify-before": text("notify-before"),
        help: { type: "boolean", short: "h" },
      },
    });
    return { ...values, listen: values.listen ?? "127.0.0.1:8000" };
  } catch {
    throw new UscError("usage", "`usc gateway start` does not take these flags.", { hint: "`usc gateway start --help` lists them." });
  }
}
