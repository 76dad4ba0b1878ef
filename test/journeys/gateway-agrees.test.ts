import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { describe as manifestOf } from "../../src/describe.ts";
import { bootstrap } from "../../src/features/access/bootstrap.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { outcomes } from "../../src/kernel/errors.ts";
import { cli } from "../support/cli.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";
import { receiver } from "../support/receiver.ts";
import { type Case, type Fields, life, type Machine, ownLife, unfailing, unsupported } from "./agreeing-cases.ts";

// Three machines alike: the first is typed at, the second is reached by the command line, the third by whoever speaks HTTP.
const hooks = await receiver();
const labs = await Promise.all([localAzure(), localAzure(), localAzure()]);
const machines = labs.map(({ ready, vault }): Machine => ({ ready, vault, receiver: hooks.url(), last: {} })) as [
  Machine,
  Machine,
  Machine,
];
const [typedAt, ...served] = labs;
const away = cli();
const gateways = await Promise.all(served.map((lab) => gatewayOver(lab)));
const manifest = (await manifestOf()).filter(({ local }) => local !== true);
let tokens: string[] = [];
beforeAll(async () => {
  const clock = systemClock;
  await bootstrap({ store: openStore({ home: typedAt?.home ?? "" }), clock }, () => {});
  tokens = await Promise.all(gateways.map((gateway) => gateway.login(gateway.admin)));
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.stop();
  for (const lab of labs) await lab.stop();
  away.clean();
  await hooks.stop();
});

interface Told {
  exit: number | null;
  answer: unknown;
  failure: unknown;
}

/** What differs from machine to machine and from call to call, and nothing else. */
function alike(machine: Machine, text: string): string {
  const { ready, vault } = machine;
  const own = [
    ready.authority_host,
    ready.arm_endpoint,
    ready.graph_endpoint,
    ready.ca_file,
    ...ready.vaults.flatMap(({ url, direct_url }) => [url, direct_url]),
  ].flatMap((url) => [url, url.replace("https://", "")]);
  const named = [...own, ready.tenant_id, ready.client_id, ready.client_secret, ready.subscription_id];
  const known = named.reduce((left, name) => left.replaceAll(name, `<own ${named.indexOf(name)}>`), text);
  return known
    .replaceAll(new URL(vault.url).port, "<port>")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/gu, "<time>")
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu, "<guid>")
    .replaceAll(/\b(?:t-)?[0-9a-f]{32,64}\b/gu, "<hex>")
    .replaceAll(/\bp-[0-9a-f]{14}\b/gu, "<id>")
    .replaceAll(/"LS0tLS1CRUdJTi[\w+/=]+"/gu, '"<pem>"')
    .replaceAll(/usc-validate-[0-9a-f]{12}/gu, "<probe>")
    .replaceAll(/"(ms|duration_ms|testedAt|ttl|resealed)":\d+/gu, '"$1":0')
    .replaceAll(/"(access_key|head|key_id|signing_secret|delivery_id|thumbprint|serial_number)":"[^"]*"/gu, '"$1":""');
}

const flagsOf = (fields: Fields): string[] =>
  Object.entries(fields).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    const values = Array.isArray(value)
      ? value
      : typeof value === "object"
        ? Object.entries(value).map(([key, text]) => `${key}=${text}`)
        : [value];
    return values.map((one) => `--${name}=${String(one)}`);
  });

const parsed = (text: string): unknown => (text.trim() === "" ? undefined : (JSON.parse(text) as unknown));

async function typed({ operation, fields, onTheMachine }: Case, at: 0 | 1): Promise<Told> {
  const machine = machines[at];
  const given = typeof fields === "function" ? fields(machine) : fields;
  const gateway = gateways[0];
  const there = { env: { USC_GATEWAY_URL: gateway?.url ?? "", USC_TOKEN: tokens[0] ?? "" } };
  const argv = [...operation.split(" "), ...flagsOf(given), "-o", "json"];
  const tool = at === 0 || onTheMachine ? labs[at] : away;
  const { exit, stdout, stderr } = (await tool?.usc(argv, tool === away ? there : {})) ?? { exit: null, stdout: "", stderr: "" };
  const printed = manifest.find(({ name }) => name === operation)?.printed;
  const answer = printed === undefined || exit !== 0 ? parsed(stdout) : { [printed]: parsed(stdout) };
  if (exit === 0) machine.last[operation] = answer as Record<string, unknown>;
  // A warning is a line before the document.
  const [document = "", ...warnings] = stderr.trim().split("\n").toReversed();
  const failure = document.startsWith("{") ? [...warnings, JSON.parse(document)] : [...warnings, document];
  return { exit, answer, failure };
}

async function posted({ operation, fields, onTheMachine }: Case): Promise<{ status: number; json: unknown }> {
  const machine = machines[2];
  const given = typeof fields === "function" ? fields(machine) : fields;
  if (onTheMachine) {
    const { json } = (await labs[2]?.usc([...operation.split(" "), ...flagsOf(given)])) ?? { json: {} };
    return { status: 200, json };
  }
  const command = manifest.find(({ name }) => name === operation);
  const { status, json } = (await gateways[1]?.post(command?.route ?? "", given, { authorization: `Bearer ${tokens[1]}` })) ?? {
    status: 0,
    json: {},
  };
  const answer = command?.bare === undefined || status !== 200 ? json : { [command.bare]: json };
  if (status === 200) machine.last[operation] = answer;
  return { status, json: answer };
}

const same = (at: 0 | 1 | 2, { operation }: Case, told: unknown): unknown => {
  const own = ownLife[operation] ?? [];
  const text = JSON.stringify(told ?? null, (key, value: unknown) => (own.includes(key) ? undefined : value));
  return JSON.parse(alike(machines[at], text));
};

describe("every operation ends the same typed here, typed at a gateway, and asked over HTTP", () => {
  it.each(life.map((one, index) => [`${index + 1}. ${one.operation} ends with ${one.ends}`, one] as const))("%s", async (_, one) => {
    const [here, there, asked] = await Promise.all([typed(one, 0), typed(one, 1), posted(one)]);
    const { exit, status } = one.ends === "ok" ? { exit: 0, status: 200 } : outcomes[one.ends];
    expect({ exit: here.exit, there: there.exit, status: asked.status }, JSON.stringify([here, asked])).toEqual({
      exit,
      there: exit,
      status,
    });
    expect(same(1, one, there)).toEqual(same(0, one, here));
    const [document] = (here.failure as unknown[]).toReversed();
    const failure =
      one.ends === "ok" ? {} : one.ends === "changes" ? { error: expect.any(String), code: "changes" } : (same(0, one, document) as object);
    expect(same(2, one, asked.json)).toEqual({ ...(same(0, one, here.answer) as object), ...failure });
  });

  it("none is left out: each has an answer, and a failure if it has any", () => {
    const tried = (wanted: (one: Case) => boolean) => new Set(life.filter(wanted).map(({ operation }) => operation));
    const names = manifest.map(({ name }) => name).sort();
    const answered = tried(({ ends, onTheMachine }) => ends === "ok" && !onTheMachine);
    const failed = tried(({ ends }) => ends !== "ok" && ends !== "changes");
    expect([...answered, ...unsupported].sort()).toEqual(names);
    expect([...failed, ...unfailing].sort()).toEqual(names);
  });
});

describe("what a gateway refuses its caller is never what Azure refused", () => {
  const [, gateway] = gateways;
  const argv = ["get", "--usc-name", "kv", "--secret-id", "one"];
  const typedWith = (token: string) => away.usc(argv, { env: { USC_GATEWAY_URL: gateway?.url ?? "", USC_TOKEN: token } });
  const postedWith = async (token: string) => (await gateway?.post("usc-get", { "usc-name": "kv", "secret-id": "one", token }))?.status;

  it("a token that is none: 401, exit 5", async () => {
    expect(await typedWith("t-none")).toMatchObject({ exit: 5, stdout: "", failure: { code: "gateway_unauthenticated" } });
    expect(await postedWith("t-none")).toBe(401);
  });

  it("a caller without the right: 403, exit 6", async () => {
    const made = await gateway?.post("create-auth-method-api-key", { token: tokens[1], name: "few" });
    const token = (await gateway?.login(made?.json as { access_id: string; access_key: string })) ?? "";
    expect(await typedWith(token)).toMatchObject({ exit: 6, stdout: "", failure: { code: "gateway_forbidden" } });
    expect(await postedWith(token)).toBe(403);
  });

  it.each(manifest.map((command) => [command.name, command] as const))(
    "%s without a token: 401, or it needs none",
    async (_, { route, open }) => {
      const reply = await gateway?.post(route, {});
      expect({ status: reply?.status, code: reply?.json["code"] }).toEqual(
        open === true ? { status: 400, code: "usage" } : { status: 401, code: "gateway_unauthenticated" },
      );
    },
  );
});
