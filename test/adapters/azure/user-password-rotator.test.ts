import { afterAll, afterEach, describe, expect, it } from "vitest";
import { userPasswordRotator } from "../../../src/adapters/azure/user-password-rotator.ts";
import { givenContract } from "../../contract/rotator.ts";
import { openLab } from "../../emulator/support.ts";
import { leapingClock } from "../../support/azure-house.ts";
import { refused } from "../../support/house.ts";
import { inPlaceOf } from "../../support/in-place-lab.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { furnishedSubject } from "../../support/rotation-house.ts";
import { failure, json, scriptedAzure } from "./scripted-azure.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = inPlaceOf(lab);
const store = memoryStore();
const whose = await furnishedSubject(lab, store, clock);

const policy = { length: 24, capitals: true, lower: true, numbers: true, special: true };
const subjectOf = (holder: string) => ({ ...whose, holder, policy });

givenContract("passwords of users at the local Azure's Graph", {
  rotator: userPasswordRotator({ store, clock, environment: {} }),
  open: async () => subjectOf(await azure.user("one")),
  gone: async () => subjectOf("nobody@local.onmicrosoft.com"),
});

const scripted = await scriptedAzure();
afterAll(() => scripted.stop());
afterEach(() => {
  scripted.seen.length = 0;
  delete scripted.scripts.vault;
  delete scripted.scripts.token;
});

const { origin, vault } = scripted;
const told = { cloud: { ...vault.cloud, "graph-endpoint": origin }, target: vault.target, holder: "ada@example.com", policy };
const rotator = userPasswordRotator({ store: memoryStore(), clock, environment: {} });
const pass = "Correct-Horse-1";

describe("on the wire", () => {
  it("a password is set by one PATCH that says that nobody must change it", async () => {
    scripted.scripts.vault = (_, response) => void response.writeHead(204).end();
    await rotator.stage(told, pass);
    const { method, path, body } = scripted.seen.at(-1) ?? {};
    expect([method, path]).toEqual(["PATCH", "/v1.0/users/ada%40example.com"]);
    expect(JSON.parse(body ?? "")).toEqual({ passwordProfile: { password: pass, forceChangePasswordNextSignIn: false } });
  });

  it("when it is at Azure is told also by who may not look at the user", async () => {
    scripted.scripts.vault = (_, response) => failure(response, 403, "Authorization_RequestDenied");
    expect(await rotator.look(told)).toEqual({ at: expect.any(Number) });
  });

  it("a login is asked for by the target's application, with the user's name and password", async () => {
    await rotator.verify(told, pass);
    const { path, body } = scripted.seen.at(-1) ?? {};
    expect(path).toMatch(/\/oauth2\/v2\.0\/token$/u);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: "password",
      client_id: vault.target["client-id"],
      client_secret: vault.target["client-secret"],
      scope: "https://graph.microsoft.com/.default",
      username: "ada@example.com",
      password: pass,
    });
  });

  it.each([200, 302, 400, 404, 503])("an answer of %i that is not Graph's leaves unknown whether the password was set", async (status) => {
    scripted.scripts.vault = (_, response) => void response.writeHead(status, { "content-type": "text/html" }).end("<html>");
    await expect(rotator.stage(told, pass)).rejects.toMatchObject({ code: "unavailable", details: { reason: "lost" } });
  });

  it.each([
    [403, "Authorization_RequestDenied", "forbidden"],
    [404, "Request_ResourceNotFound", "not_found"],
    [400, "Request_BadRequest", "conflict"],
    [409, "Request_MultipleObjectsWithSameKeyValue", "unavailable"],
  ] as const)("HTTP %i is a refusal, which leaves nothing unknown and repeats no word of Graph's", async (status, code, ours) => {
    scripted.scripts.vault = (_, response) => failure(response, status, code, undefined, pass);
    const error: unknown = await rotator.stage(told, pass).catch((thrown: unknown) => thrown);
    expect(error).toEqual(refused(ours));
    expect(error).not.toHaveProperty("details.reason", "lost");
    expect(JSON.stringify(error) + String(error)).not.toContain(pass);
  });

  it.each([50076, 50079, 50055, 50057, 53003, 65001, 7000218])("AADSTS%i says nothing of the password", async (number) => {
    scripted.scripts.token = (_, response) => json(response, 400, { error: "invalid_grant", error_codes: [number] });
    expect(await rotator.verify(told, pass)).toEqual({ why: expect.stringContaining(`AADSTS${number}`) });
  });

  it("a machine's identity is no application, through which a user could log in", async () => {
    const machine = { ...vault.target, "connection-type": "managed-identity" as const };
    const environment = { IDENTITY_ENDPOINT: "http://127.0.0.1:1/", IDENTITY_HEADER: "h" };
    const by = userPasswordRotator({ store: memoryStore(), clock, environment });
    expect(await by.verify({ ...told, target: machine }, pass)).toEqual({ why: expect.stringContaining("no application") });
    expect(scripted.seen).toEqual([]);
  });
});
