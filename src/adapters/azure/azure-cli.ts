import { spawn } from "node:child_process";
import { parse } from "node:path";
import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import { isLoggedOut } from "./azure-profile.ts";
import type { OfCli, Wanted } from "./credential.ts";
import { absoluteFolders, findProgram } from "./find-program.ts";
import type { Patience } from "./persist.ts";
import type { Environment } from "../network/proxy.ts";
import { type Token, tokenForm, type Ways } from "./token.ts";

const Granted = z.object({
  accessToken: z.string().check(z.regex(tokenForm)),
  // Epoch seconds; an az of before 2.54 has the local time alone.
  expires_on: z.optional(z.number()),
  expiresOn: z.optional(z.string()),
});

/** The token of whoever is logged in to az. No shell, nothing secret among the words, and the current folder has no say in what runs. */
export async function cliToken(ways: Ways, { target, audience }: Wanted, { tenant }: OfCli, patience: Patience): Promise<Token> {
  const { environment, onCall } = ways;
  const file = findProgram("az", environment["PATH"]);
  if (file === undefined) {
    throw new UscError("usage", "The Azure CLI is not installed: there is no az in an absolute folder of PATH.", {
      hint: "Install it, or use another connection type.",
    });
  }
  const began = patience.clock.now();
  const words = [
    "account",
    "get-access-token",
    "--output",
    "json",
    "--resource",
    audience,
    ...(tenant === undefined ? [] : ["--tenant", tenant]),
  ];
  const { exit, out, err } = await run(file, words, environment, patience.deadline - began);
  onCall?.({
    method: "RUN",
    url: `az ${words.join(" ")}`,
    ...(exit === undefined ? {} : { status: exit }),
    ms: patience.clock.now() - began,
  });
  if (exit === undefined) {
    throw new UscError("unavailable", "az did not answer in time.", { hint: "Give it longer with --timeout." });
  }
  if (exit !== 0) throw refused(target.name, environment, { exit, err });
  const granted = parseJson(Granted, out);
  const expires = granted?.expires_on === undefined ? Date.parse((granted?.expiresOn ?? "").replace(" ", "T")) : granted.expires_on * 1000;
  if (granted === undefined || !Number.isFinite(expires)) {
    throw new UscError("unavailable", "az answered with something that is no token.", {
      hint: `Look at it: az account get-access-token --resource ${audience} --query expiresOn`,
    });
  }
  return { text: granted.accessToken, expires };
}

/** What az says is for people and may quote anything: only Entra's number is read out of it. */
function refused(name: string, environment: Environment, { exit, err }: { exit: number; err: string }): UscError {
  const number = /\bAADSTS([0-9]{4,8})\b/.exec(err)?.[1];
  if (number === undefined && isLoggedOut(environment)) {
    return new UscError("unauthenticated", `Nobody is logged in to az, and the target ${name} is whoever is.`, {
      hint: "Log in: az login",
    });
  }
  const why = number === undefined ? `exit ${exit}` : `AADSTS${number}`;
  return new UscError("unauthenticated", `az gave no token for the target ${name} (${why}).`, {
    hint: "Log in anew: az login. If that does not help, `az account get-access-token --query expiresOn` says why.",
  });
}

const most = 256 * 1024;

interface Ran {
  /** Undefined if it was killed, since its time was over. */
  exit: number | undefined;
  out: string;
  err: string;
}

function run(file: string, words: readonly string[], environment: Environment, withinMs: number): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, {
      env: environmentOf(environment),
      // Its Python would look for modules in the current folder first.
      cwd: parse(file).root,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: az is a script, and what it started has to end with it.
      detached: true,
    });
    const said = { out: "", err: "" };
    const group = child.pid;
    if (group !== undefined) running.add(group);
    const end = (exit: number | undefined): void => {
      if (group !== undefined) running.delete(group);
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ exit, ...said });
    };
    const timer = setTimeout(
      () => {
        if (group !== undefined) killGroup(group);
        end(undefined);
      },
      Math.max(1, withinMs),
    );
    for (const [stream, key] of [
      [child.stdout, "out"],
      [child.stderr, "err"],
    ] as const) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        if (said[key].length < most) said[key] += text;
      });
    }
    child.on("close", (exit) => end(exit ?? -1));
    child.on("error", () => {
      clearTimeout(timer);
      reject(new UscError("usage", "The az that PATH leads to cannot be run.", { hint: "Try `az version`." }));
    });
  });
}

// In a group of its own it does not hear the Ctrl-C that ends usc.
const running = new Set<number>();
process.on("exit", () => running.forEach(killGroup));

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended in this very moment.
  }
}

/** Ours, but for what is usc's own, and with the absolute folders of PATH alone. */
function environmentOf(environment: Environment): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith("USC_"),
  );
  return { ...Object.fromEntries(kept), PATH: absoluteFolders(environment["PATH"]) };
}
