import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { environmentOf, program, type User } from "./program.ts";

export interface Reply {
  status: number;
  headers: Headers;
  json: Record<string, unknown>;
}

/** A `usc gateway start` over the state of a tool, and its admin's key; another one over the same state has the same admin. */
export async function gatewayOver(tool: User, flags: readonly string[] = [], env: Record<string, string> = {}) {
  const bootstrap = join(tool.folder, "bootstrap.json");
  const [file = "", ...words] = program;
  const child = spawn(file, [...words, "gateway", "start", "--bootstrap-file", bootstrap, ...flags], {
    env: { ...environmentOf(tool), USC_LISTEN: "127.0.0.1:0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const heard: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => heard.push(chunk.toString()));
  const { url } = await readyLine(child, heard);
  const admin = JSON.parse(readFileSync(bootstrap, "utf8")) as { access_id: string; access_key: string };

  const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> => {
    const response = await fetch(`${url}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Record<string, unknown> };
  };
  const login = async ({ access_id, access_key }: typeof admin): Promise<string> => {
    const { json } = await post("auth", { "access-id": access_id, "access-key": access_key });
    return String(json["token"]);
  };
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> => {
    child.kill(signal);
    return exit;
  };
  /** What it has told so far, line by line. */
  const told = (): Record<string, unknown>[] =>
    heard
      .join("")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { url, admin, post, login, stop, heard, told, pid: child.pid ?? 0 };
}

function readyLine(child: ChildProcess, heard: readonly string[]): Promise<{ url: string }> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error("no output");
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line) as { url: string }));
    child.once("exit", (code) => reject(new Error(`the gateway ended with ${code}: ${heard.join("")}`)));
  });
}
