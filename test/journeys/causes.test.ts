import { afterAll, describe, expect, it } from "vitest";
import type { Cause } from "../support/cause.ts";
import { causesLab } from "../support/causes-lab.ts";

const { calm, canaries, causes, furnish, stop, usc } = await causesLab();
afterAll(stop);

async function arrange(cause: Cause): Promise<{ name: string; env: Record<string, string> }> {
  await calm();
  const { name, env } = await furnish(cause);
  await cause.arrange?.();
  return { name, env: { ...env, ...cause.env } };
}

it.each(Object.entries(causes))("%s has a sentence, a hint, a code and an exit of its own", async (_, cause) => {
  const { name, env } = await arrange(cause);
  const argv = cause.argv ?? ["get"];
  const where = argv[0] === "target" ? ["--name", name] : ["--usc-name", name, "-s", "x"];
  const ran = await usc([...argv, ...where, "--verbose"], { env });
  const lines = ran.stderr.trimEnd().split("\n");
  const told = JSON.parse(lines.at(-1) ?? "") as Record<string, unknown>;
  expect(told).toMatchObject({
    code: cause.code,
    error: expect.stringMatching(cause.sentence),
    hint: expect.stringMatching(cause.hint),
    ...(cause.seen ? { request_id: expect.stringMatching(/^[0-9a-f-]{36}$/u) } : {}),
  });
  if (!cause.seen) expect(told).not.toHaveProperty("request_id");
  expect([ran.exit, lines.length - 1]).toEqual([cause.exit, cause.calls]);
  for (const canary of canaries) expect(`${ran.stdout}${ran.stderr}`).not.toContain(canary);
});

const found = Object.entries(causes).flatMap(([what, cause]) => (cause.step === undefined ? [] : [[what, cause.step, cause] as const]));

describe("doctor", () => {
  it.each(found)("finds %s at %s, and says nothing of what lies behind", async (_, step, cause) => {
    const { name, env } = await arrange(cause);
    const ran = await usc(["doctor", "--usc-name", name], { env });
    const steps = ran.json["steps"] as { step: string; status: string; detail?: string; hint?: string }[];
    const at = steps.findIndex((row) => row.status === "failed");
    expect(steps[at]).toMatchObject({ step, detail: expect.any(String), hint: expect.any(String) });
    expect(steps.slice(0, at).filter(({ step: before, status }) => status !== "ok" && before !== "proxy")).toEqual([]);
    expect(steps.slice(at + 1).filter(({ status }) => status !== "skipped")).toEqual([]);
    expect([ran.exit, ran.json["status"]]).toEqual([cause.exit, "failed"]);
    expect(ran.failure).toMatchObject({
      code: cause.code,
      error: expect.stringContaining(`The step "${step}" failed: ${steps[at]?.detail}`),
    });
    for (const canary of canaries) expect(`${ran.stdout}${ran.stderr}`).not.toContain(canary);
  });

  it.each([
    ["straight", {}],
    [
      "through a proxy",
      { cloud: { name: "AzureCloud" }, env: causes["a vault that does not exist, asked for through a proxy"]?.env ?? {} },
    ],
  ])("finds nothing wrong where nothing is, %s", async (_, world) => {
    await calm();
    const { name, env } = await furnish(world);
    const ran = await usc(["doctor", "--usc-name", name], { env: { ...env, ...("env" in world ? world.env : {}) } });
    const steps = ran.json["steps"] as { step: string; status: string }[];
    expect(steps.map(({ step }) => step)).toEqual(["dns", "tcp", "proxy", "tls", "entra", "challenge", "list", "get", "certificates"]);
    expect(steps.filter(({ step, status }) => status !== "ok" && step !== "proxy")).toEqual([]);
    expect([ran.exit, ran.stderr, ran.json["status"]]).toEqual([0, "", "ok"]);
    for (const canary of canaries) expect(ran.stdout).not.toContain(canary);
  });
});
