import { beforeEach, describe, expect, it } from "vitest";
import { waiting } from "../../src/features/events/lanes.ts";
import { vaultUrl } from "../../src/adapters/azure/vault-url.ts";
import { operations as connectorRoom } from "../../src/features/connectors/index.ts";
import { associations } from "../../src/features/rotation/associations.ts";
import { rotatedItems } from "../../src/features/rotation/items.ts";
import { operationNamed } from "../../src/kernel/operation.ts";
import type { May } from "../../src/kernel/rights.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { refused } from "../support/house.ts";
import { looker } from "../support/look.ts";
import { memoryStore } from "../support/memory-store.ts";
import { directoryOf, rotationHouse } from "../support/rotation-house.ts";
import { turnsOf } from "../support/rotation-turns.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab", vaults: ["demo", "other"] });
const azure = directoryOf(lab);

let house: Awaited<ReturnType<typeof rotationHouse>>;
/** Of the application, and of the item /prod/NAME. */
let name = "";
let count = 0;
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  house = await rotationHouse(lab, memoryStore(), clock);
  name = `key${(count += 1)}`;
  const { appId } = await azure.application(name);
  const key = { name: `/prod/${name}`, "target-name": "t", "rotator-type": "api-key", "app-id": appId };
  await house.call("rotated-secret create azure", key);
  for (const vault of ["demo", "other"])
    await house.call("create-usc", { name: `/kv/${vault}`, "target-to-associate": "t", "azure-kv-name": vault, "usc-tags": { by: "usc" } });
});

const item = () => `/prod/${name}`;
const sync = (input: Record<string, unknown> = {}) =>
  house.call("rotated-secret sync", { name: item(), "usc-name": "/kv/demo", "filter-secret-value": ".password", ...input });
const deleteSync = (input: Record<string, unknown> = {}) =>
  house.call("rotated-secret delete-sync", { name: item(), "usc-name": "/kv/demo", ...input });
const rotate = () => house.call("rotate-secret", { name: item() });
const password = async () => (await house.value(item()))["password"];
interface Shown {
  item_name: string;
  last_synced_version?: number;
  delete_remote: boolean;
  attributes: Record<string, unknown>;
}
const shown = async () => (await house.call("describe-item", { name: item() }))["usc_sync_associated_items"] as Shown[];
let token = { text: "", until: 0 };
const ask = async (method: string, path: string, body?: object) => {
  clock.leap(1000);
  if (token.until < clock.now()) token = { text: await lab.token(), until: clock.now() + 1_800_000 };
  return lab.vault(method, path, body, { token: token.text });
};
const look = looker((path) => ask("GET", path));
const remote = (): string => `prod-${name}`;
/** The answer of Key Vault to every request of this kind, from now on. */
const vaultAnswers = (fault: object) => lab.control("POST", "/faults", { path: "/secrets/*", times: 1000, ...fault });
/** Another process that syncs all, and was paused before it writes. */
const paused = async () => {
  const [asleep, woken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = await rotationHouse(lab, house.store, clock, undefined, undefined, (real) => ({
    ...real,
    put: async (connector, secret, value) => {
      asleep.resolve();
      await woken.promise;
      return real.put(connector, secret, value);
    },
  }));
  const late = slow.call("rotated-secret sync", { name: item() });
  await asleep.promise;
  return { late, wake: () => woken.resolve() };
};
const run = () => turnsOf(house.engine).run();
const due = async () => ((await turnsOf(house.engine).due()) ?? Infinity) - clock.now();
const listen = () => house.listen("secret-sync");
const told = async () => (await house.store.collection(waiting).list()).flatMap(({ value }) => value.events);

describe("rotated-secret sync", () => {
  it("writes the value now, and the new one after each rotation, before the old credential goes", async () => {
    expect(await sync()).toEqual({ "secret-name": item(), synced: [{ "usc-name": "/kv/demo", "remote-secret-name": remote() }] });
    expect(await look(remote())).toEqual({ is: `live ${await password()}`, versions: 1 });
    const old = await password();
    await lab.control("DELETE", "/requests");
    await rotate();
    expect(await password()).not.toBe(old);
    expect(await look(remote())).toEqual({ is: `live ${await password()}`, versions: 2 });
    const asked: { method: string; path: string }[] = (await lab.control("GET", "/requests")).json.requests;
    const at = (method: string, part: string): number => asked.findIndex((each) => each.method === method && each.path.includes(part));
    expect(at("PUT", "/secrets/")).toBeGreaterThan(-1);
    expect(at("PUT", "/secrets/")).toBeLessThan(at("POST", "removePassword"));
  });

  it("without a filter writes all of the value, as JSON; with the filter . too", async () => {
    await sync({ "filter-secret-value": undefined });
    const { is } = await look(remote());
    expect(JSON.parse(is.slice("live ".length))).toEqual(await house.value(item()));
    await sync({ "filter-secret-value": "." });
    expect(await look(remote())).toEqual({ is, versions: 1 });
  });

  it("shows each association with the item", async () => {
    await sync();
    await sync({ "usc-name": "/kv/other", "remote-secret-name": "Mine", "filter-secret-value": ".username", "delete-remote": true });
    expect(await shown()).toEqual([
      {
        assoc_id: expect.any(String),
        item_id: expect.any(Number),
        item_name: "/kv/demo",
        item_type: "USC",
        delete_remote: false,
        last_synced_version: 1,
        attributes: {
          secret_id: expect.stringMatching(new RegExp(`/secrets/${remote()}$`, "u")),
          secret_name: remote(),
          jq_secret_filter: ".password",
          delete_remote: false,
        },
      },
      expect.objectContaining({
        item_name: "/kv/other",
        delete_remote: true,
        attributes: expect.objectContaining({ secret_name: "Mine" }),
      }),
    ]);
    const { items } = (await house.call("list-items", { type: ["rotated-secret"] })) as { items: { usc_sync_associated_items: Shown[] }[] };
    expect(items[0]?.usc_sync_associated_items).toEqual(await shown());
  });

  it("shows with the connector what is synced through it, wherever the two are moved, and the last error", async () => {
    await sync();
    await sync({ "usc-name": "/kv/other" });
    const through = async (path: string) => (await house.call("describe-item", { name: path }))["usc_sync_associated_items"];
    const { item_id } = await house.call("describe-item", { name: item() });
    const [ofItem] = await shown();
    expect(await through("/kv/demo")).toEqual([{ ...ofItem, item_id, item_name: item(), item_type: "ROTATED_SECRET" }]);
    await house.call("move-objects", { source: "/prod", target: "/live" });
    await house.call("update-item", { name: "/kv/demo", "new-name": "/kv/moved" });
    await vaultAnswers({ status: 503 });
    await house.call("rotate-secret", { name: `/live/${name}` });
    expect(await through("/kv/moved")).toEqual([
      expect.objectContaining({
        item_name: `/live/${name}`,
        last_synced_version: 1,
        attributes: expect.objectContaining({ secret_name: remote(), last_error: expect.stringMatching(/HTTP 503/u) }),
      }),
    ]);
    const { items } = (await house.call("list-items", { type: ["usc"] })) as { items: { usc_sync_associated_items: Shown[] }[] };
    expect(items.map(({ usc_sync_associated_items: all }) => all.length)).toEqual([1, 1]);
    expect(items[0]?.usc_sync_associated_items).toEqual(await through("/kv/moved"));
  });

  it("shows of either end nothing that the caller would not find in a list", async () => {
    await sync();
    for (const [path, hidden] of [
      ["/kv/demo", item()],
      [item(), "/kv/demo"],
    ] as const) {
      const associated = async (may: May) => {
        const room = connectorRoom({ store: house.store, clock, vaultAddress: vaultUrl, may, others: rotatedItems(house.store) });
        const answer = await operationNamed("describe-item", room).run({ name: path } as never);
        return (answer as { usc_sync_associated_items: Shown[] }).usc_sync_associated_items.map((each) => each.item_name);
      };
      expect(await associated(() => true)).toEqual([hidden]);
      expect(await associated((capability, kind, of) => capability !== "list" || kind !== "item" || of !== hidden)).toEqual([]);
    }
  });

  it("keeps tags and content type of the secret that was there, puts the connector's own, and writes over its value", async () => {
    await ask("PUT", `/secrets/${remote()}`, { value: "by hand", contentType: "text/x", tags: { team: "a" } });
    await sync();
    const { json } = await ask("GET", `/secrets/${remote()}`);
    expect(json).toMatchObject({ value: await password(), contentType: "text/x", tags: { team: "a", by: "usc" } });
  });

  it("without --usc-name writes all of them again; what stands there already gets no new version", async () => {
    await sync();
    await sync({ "usc-name": "/kv/other" });
    await ask("PUT", `/secrets/${remote()}`, { value: "by hand" });
    const { synced } = await house.call("rotated-secret sync", { name: item() });
    expect(synced).toHaveLength(2);
    expect(await look(remote())).toEqual({ is: `live ${await password()}`, versions: 3 });
    await house.call("rotated-secret sync", { name: item() });
    expect(await look(remote())).toMatchObject({ versions: 3 });
  });

  it("of an association that is there, what is not given stays, and what is given is so", async () => {
    await sync({ "delete-remote": true });
    await sync({ "filter-secret-value": undefined });
    expect(await shown()).toEqual([expect.objectContaining({ delete_remote: true })]);
    expect(await look(remote())).toEqual({ is: `live ${await password()}`, versions: 1 });
    await sync({ "filter-secret-value": ".username", "delete-remote": false });
    expect(await shown()).toEqual([expect.objectContaining({ delete_remote: false })]);
    expect(await look(remote())).toEqual({ is: `live ${(await house.value(item()))["username"]}`, versions: 2 });
  });

  it("goes on when the item and the connector were moved", async () => {
    await sync();
    await house.call("move-objects", { source: "/prod", target: "/live" });
    await house.call("move-objects", { source: "/kv", target: "/vaults" });
    await house.call("rotate-secret", { name: `/live/${name}` });
    expect(await look(remote())).toMatchObject({ is: `live ${(await house.value(`/live/${name}`))["password"]}`, versions: 2 });
    const { usc_sync_associated_items: all } = await house.call("describe-item", { name: `/live/${name}` });
    expect(all).toEqual([expect.objectContaining({ item_name: "/vaults/demo", last_synced_version: 2 })]);
    await house.call("rotated-secret delete-sync", { name: `/live/${name}`, "usc-name": "/vaults/demo" });
  });

  it("of a target writes what it logs in with", async () => {
    const { appId } = await azure.application("self");
    const self = { "client-id": appId, "client-secret": (await azure.addPassword(appId, "by hand")).secretText };
    await house.call("target create azure", { name: "self", "azure-cloud": "lab", "tenant-id": lab.ready.tenant_id, ...self });
    await house.call("rotated-secret create azure", { name: "own", "target-name": "self", "rotator-type": "target" });
    await sync({ name: "own", "filter-secret-value": ".target_value.azure_client_secret" });
    await house.call("rotate-secret", { name: "own" });
    const secret = (await look("own")).is.slice("live ".length);
    expect(secret).not.toBe(self["client-secret"]);
    expect(await azure.logsIn(appId, secret)).toBe(true);
  });
});

describe("a vault that cannot be written", () => {
  const refusal = { status: 403, body: { error: { code: "Forbidden", innererror: { code: "ForbiddenByRbac" } } } };

  it.each([
    ["403", refusal, "forbidden"],
    ["404 of the whole vault", { status: 404, body: { error: { code: "VaultNotFound" } } }, "unavailable"],
    ["429", { status: 429, retry_after: 300 }, "unavailable"],
    ["503", { status: 503 }, "unavailable"],
    ["409 of a name that is soft-deleted", "deleted", "conflict"],
    ["a disabled secret", "disabled", "forbidden"],
  ] as const)("keeps no rotation from its end, is shown and told, and is tried again: %s", async (_, fault, code) => {
    await listen();
    await sync();
    if (fault === "deleted") await ask("DELETE", `/secrets/${remote()}`);
    else if (fault === "disabled") await ask("PATCH", `/secrets/${remote()}`, { attributes: { enabled: false } });
    else await vaultAnswers(fault);
    await rotate();
    expect(await house.call("describe-item", { name: item() })).toMatchObject({
      last_version: 2,
      item_general_info: { rotated_secret_details: { rotator_status: "RotationSucceeded" } },
    });
    expect(await shown()).toEqual([
      expect.objectContaining({ last_synced_version: 1, attributes: expect.objectContaining({ last_error: expect.any(String) }) }),
    ]);
    expect(house.warnings.join()).toContain(`could not be synced to ${remote()} of /kv/demo`);
    expect(await told()).toEqual([
      expect.objectContaining({
        type: "secret-sync",
        source: { kind: "item", name: item() },
        payload: expect.objectContaining({ code, object_name: remote(), version: "2" }),
      }),
    ]);
    expect(JSON.stringify(await told())).not.toContain(await password());
    // It rests, twice as long each time, or as long as was asked for.
    const rest = await due();
    expect(rest).toBeGreaterThan(code === "unavailable" && "retry_after" in Object(fault) ? 290_000 : 50_000);
    clock.leap(rest + 1);
    expect(await run()).toBe("0 rotated, 0 brought to an end, 0 failed. 0 synced, 1 not.");
    expect(await due()).toBeGreaterThan(100_000);
    await lab.control("DELETE", "/faults");
    if (fault === "deleted") await ask("POST", `/deletedsecrets/${remote()}/recover`);
    if (fault === "disabled") await ask("PATCH", `/secrets/${remote()}`, { attributes: { enabled: true } });
    clock.leap(await due());
    expect(await run()).toBe("0 rotated, 0 brought to an end, 0 failed. 1 synced, 0 not.");
    expect(await look(remote())).toMatchObject({ is: `live ${await password()}`, versions: 2 });
    expect((await shown())[0]?.attributes).not.toHaveProperty("last_error");
    expect(await due()).toBe(Infinity);
  });

  it("waits out no rest and no hold that a clock which ran ahead has written", async () => {
    await sync();
    await vaultAnswers({ status: 503 });
    await rotate();
    await lab.control("DELETE", "/faults");
    const kept = house.store.collection(associations);
    const [association] = await kept.list();
    const nextYear = clock.now() + 366 * 86_400_000;
    if (association) await house.store.commit([kept.put(association.key, { ...association.value, rest: nextYear, until: nextYear })]);
    expect(await run()).toBe("0 rotated, 0 brought to an end, 0 failed. 1 synced, 0 not.");
  });

  it("that is refused at once leaves no association behind; of one that is unknown it is kept, and goes on", async () => {
    await sync({ "remote-secret-name": "other" });
    await vaultAnswers(refusal);
    await expect(sync()).rejects.toEqual(refused("forbidden"));
    expect(await shown()).toHaveLength(1);
    await lab.control("DELETE", "/faults");
    await vaultAnswers({ skip: 1, status: 503, takes_effect: true });
    await expect(sync()).rejects.toEqual(refused("unavailable", /association is kept/u));
    await lab.control("DELETE", "/faults");
    expect(await look(remote())).toMatchObject({ versions: 1 });
    clock.leap(await due());
    expect(await run()).toContain("1 synced");
    // It was there already.
    expect(await look(remote())).toEqual({ is: `live ${await password()}`, versions: 1 });
  });

  it("whose name is soft-deleted: the hint is a command that helps", async () => {
    await sync();
    await ask("DELETE", `/secrets/${remote()}`);
    clock.leap(60_000);
    await expect(sync()).rejects.toMatchObject({
      code: "conflict",
      details: { hint: expect.stringContaining(`usc recover --usc-name /kv/demo --secret-id ${remote()}`) },
    });
  });

  it("one of several: the others are written, and the answer says which", async () => {
    await sync();
    await sync({ "usc-name": "/kv/other" });
    await ask("PATCH", `/secrets/${remote()}`, { attributes: { enabled: false } });
    await expect(house.call("rotated-secret sync", { name: item() })).rejects.toMatchObject({
      code: "partial",
      message: expect.stringContaining(`1 of 2 were not written: ${remote()} of /kv/demo`),
      details: { answer: { synced: [{ "usc-name": "/kv/other", "remote-secret-name": remote() }] } },
    });
  });
});

describe("rotated-secret delete-sync", () => {
  it("leaves the secret where it is, and no rotation writes there any more", async () => {
    await sync();
    const old = await password();
    expect(await deleteSync()).toEqual({ "secret-name": item(), "usc-name": "/kv/demo", "remote-secret-name": remote() });
    await rotate();
    expect(await look(remote())).toEqual({ is: `live ${old}`, versions: 1 });
    await expect(deleteSync()).rejects.toEqual(refused("not_found", /not synced/u));
  });

  it.each([
    ["with --delete-from-usc", {}, { "delete-from-usc": true }],
    ["of an association made with --delete-remote", { "delete-remote": true }, {}],
  ])("deletes it %s", async (_, made, ended) => {
    await sync(made);
    await deleteSync(ended);
    expect(await look(remote())).toMatchObject({ is: "deleted" });
    expect(await shown()).toEqual([]);
  });

  it("is no failure where somebody has deleted it already", async () => {
    await sync();
    await ask("DELETE", `/secrets/${remote()}`);
    await deleteSync({ "delete-from-usc": true });
    expect(await shown()).toEqual([]);
  });

  it("that is refused leaves all as it was; one whose answer was lost is brought to its end by the duty", async () => {
    await sync();
    await vaultAnswers({ method: "DELETE", status: 403, body: { error: { code: "Forbidden", innererror: { code: "ForbiddenByRbac" } } } });
    await expect(deleteSync({ "delete-from-usc": true })).rejects.toEqual(refused("forbidden"));
    await lab.control("DELETE", "/faults");
    await rotate();
    expect(await look(remote())).toEqual({ is: `live ${await password()}`, versions: 2 });
    await vaultAnswers({ method: "DELETE", status: 503 });
    await expect(deleteSync({ "delete-from-usc": true })).rejects.toEqual(refused("unavailable"));
    await lab.control("DELETE", "/faults");
    expect(await shown()).toHaveLength(1);
    clock.leap(await due());
    await run();
    expect(await shown()).toEqual([]);
    expect(await look(remote())).toMatchObject({ is: "deleted" });
  });

  it("wants the name where there are several", async () => {
    await sync();
    await sync({ "remote-secret-name": "two" });
    await expect(deleteSync()).rejects.toMatchObject({ code: "usage", details: { hint: `They are ${remote()}, two.` } });
    await deleteSync({ "remote-secret-name": "TWO" });
    expect((await shown()).map(({ attributes }) => attributes["secret_name"])).toEqual([remote()]);
  });
});

describe("what is synced is not lost silently", () => {
  it("the item is not deleted, not even by force; without its associations it is", async () => {
    await sync();
    for (const force of [false, true]) {
      await expect(house.call("rotated-secret delete", { name: item(), "force-delete": force })).rejects.toMatchObject({
        code: "conflict",
        message: `The rotated secret ${item()} is synced to ${remote()} of /kv/demo.`,
        details: { hint: `usc rotated-secret delete-sync --name ${item()} --usc-name /kv/demo --remote-secret-name ${remote()}` },
      });
    }
    await deleteSync();
    await house.call("rotated-secret delete", { name: item() });
  });

  it("nor is the connector, under whatever name", async () => {
    await sync();
    await house.call("update-item", { name: "/kv/demo", "new-name": "/kv/moved" });
    await expect(house.call("delete-item", { name: "/kv/moved" })).rejects.toMatchObject({
      code: "conflict",
      message: `The rotated secret ${item()} is synced through the connector /kv/moved.`,
      details: { hint: `End that first: usc rotated-secret delete-sync --name ${item()} --usc-name /kv/moved` },
    });
    await deleteSync({ "usc-name": "/kv/moved" });
    await house.call("delete-item", { name: "/kv/moved" });
  });
});

describe("input that is not valid is refused before Azure is asked", () => {
  it.each([
    ["a filter with a pipe", { "filter-secret-value": ".password | ascii" }, "usage"],
    ["a filter without its dot", { "filter-secret-value": "password" }, "usage"],
    ["a filter with brackets", { "filter-secret-value": ".target_value[0]" }, "usage"],
    ["a filter that leads nowhere", { "filter-secret-value": ".user" }, "usage"],
    ["a filter into a prototype", { "filter-secret-value": ".constructor" }, "usage"],
    ["a name that Key Vault does not take", { "remote-secret-name": "a_b" }, "usage"],
    ["a name with a version", { "remote-secret-name": "a/0123456789abcdef0123456789abcdef" }, "usage"],
    ["a URL of another vault", { "remote-secret-name": "https://other.vault.example/secrets/a" }, "usage"],
    ["a name without a connector", { "usc-name": undefined, "remote-secret-name": "a" }, "usage"],
    ["no association at all", { "usc-name": undefined, "filter-secret-value": undefined }, "not_found"],
    ["a connector that is not there", { "usc-name": "/none" }, "not_found"],
    ["an item that is not there", { name: "/none" }, "not_found"],
    ["a connector that is an item of another kind", { "usc-name": "/prod/none" }, "not_found"],
  ])("%s", async (_, input, code) => {
    await lab.control("DELETE", "/requests");
    await expect(sync(input)).rejects.toEqual(refused(code));
    expect((await lab.control("GET", "/requests")).json.requests).toEqual([]);
    expect(await shown()).toEqual([]);
  });

  it("a filter that leads nowhere is told where it could lead", async () => {
    await expect(sync({ "filter-secret-value": ".user" })).rejects.toMatchObject({
      details: { hint: "There is .username, .password, .application_id." },
    });
  });

  it("a name that another rotated secret writes to", async () => {
    await sync({ "remote-secret-name": "shared" });
    const { appId } = await azure.application("second");
    const second = { name: "/second", "target-name": "t", "rotator-type": "api-key", "app-id": appId };
    await house.call("rotated-secret create azure", second);
    await expect(sync({ name: "/second", "remote-secret-name": "Shared" })).rejects.toEqual(refused("conflict", /Another rotated secret/u));
  });

  it.each(["another rotated secret", "the same one"])("a name that %s writes to through another connector of that vault", async (whose) => {
    await house.call("create-usc", { name: "/kv/twin", "target-to-associate": "t", "azure-kv-url": lab.ready.vaults[0]?.url });
    await sync({ "remote-secret-name": "shared" });
    const { appId } = await azure.application("second");
    await house.call("rotated-secret create azure", { name: "/second", "target-name": "t", "rotator-type": "api-key", "app-id": appId });
    const late = { name: whose === "the same one" ? item() : "/second", "usc-name": "/kv/twin" };
    await lab.control("DELETE", "/requests");
    await expect(sync({ ...late, "remote-secret-name": "Shared" })).rejects.toEqual(refused("conflict", /through another connector/u));
    expect((await lab.control("GET", "/requests")).json.requests).toEqual([]);
    await sync({ ...late, "remote-secret-name": "own" });
    await sync({ "remote-secret-name": "shared" });
  });

  it("a path that is too long for Key Vault wants a name", async () => {
    const { appId } = await azure.application("long");
    const long = { name: `/${"a".repeat(130)}`, "target-name": "t", "rotator-type": "api-key", "app-id": appId };
    await house.call("rotated-secret create azure", long);
    await expect(sync({ name: long.name })).rejects.toEqual(refused("usage"));
    await sync({ name: long.name, "remote-secret-name": "short" });
  });

  it("static secrets are not there to be synced", async () => {
    for (const verb of ["static-secret-sync", "static-secret-delete-sync"]) {
      await expect(house.call(verb, { name: "/a", "usc-name": "/kv/demo" })).rejects.toEqual(refused("unsupported", /no static secrets/u));
    }
  });
});

describe("two at once", () => {
  it("20 syncs make one association, and one version", async () => {
    const ended = await Promise.allSettled(Array.from({ length: 20 }, () => sync()));
    for (const each of ended) if (each.status === "rejected") expect(each.reason).toEqual(refused("conflict"));
    expect(ended.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(await shown()).toHaveLength(1);
    expect(await look(remote())).toEqual({ is: `live ${await password()}`, versions: 1 });
  });

  it("of two rotated secrets that are synced to one name through two connectors of one vault one loses", async () => {
    await house.call("create-usc", { name: "/kv/twin", "target-to-associate": "t", "azure-kv-name": "demo" });
    const { appId } = await azure.application("second");
    await house.call("rotated-secret create azure", { name: "/second", "target-name": "t", "rotator-type": "api-key", "app-id": appId });
    const places = [{ "usc-name": "/kv/demo" }, { name: "/second", "usc-name": "/kv/twin" }];
    const ended = await Promise.allSettled(places.map((place) => sync({ ...place, "remote-secret-name": "shared" })));
    expect(ended.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []))).toEqual([refused("conflict")]);
    expect(await house.store.collection(associations).list()).toHaveLength(1);
  });

  it.each([
    ["an older value", rotate, password],
    ["by an older filter", () => sync({ "filter-secret-value": ".username" }), async () => (await house.value(item()))["username"]],
  ])("one that was paused while another took over writes %s, and does not have the last word", async (_, meanwhile, wanted) => {
    await sync();
    const { late, wake } = await paused();
    // By the others' clock it has slept for long.
    clock.leap(31_000);
    await meanwhile();
    expect(await look(remote())).toEqual({ is: `live ${await wanted()}`, versions: 2 });
    wake();
    await late;
    await run();
    expect(await look(remote())).toEqual({ is: `live ${await wanted()}`, versions: 4 });
    expect(await due()).toBe(Infinity);
  });

  it("who finds another at work on it is told when to come again, and a rotation passes by", async () => {
    await sync();
    const { late, wake } = await paused();
    const others = [() => sync(), () => house.call("rotated-secret sync", { name: item() }), () => deleteSync({ "delete-from-usc": true })];
    for (const other of others) {
      await expect(other()).rejects.toMatchObject({ code: "conflict", details: { retryAfter: expect.any(Number) } });
    }
    wake();
    await late;
    await deleteSync({ "delete-from-usc": true });
  });

  it.each([
    ["the connector", () => house.call("delete-item", { name: "/kv/demo" })],
    ["the item", () => house.call("rotated-secret delete", { name: item() })],
  ])("who deletes %s at the same instant wins", async (_, remove) => {
    const { store } = house;
    const nextId = async (kind: string): Promise<number> => {
      // Between the last look and the commit.
      if (kind === "associations") await remove();
      return store.nextId(kind);
    };
    const slow = await rotationHouse(lab, { ...store, nextId }, clock);
    const late = slow.call("rotated-secret sync", { name: item(), "usc-name": "/kv/demo" });
    await expect(late).rejects.toEqual(refused("not_found", /does not exist/u));
    expect(await house.store.collection(associations).list()).toEqual([]);
    expect(await look(remote())).toMatchObject({ is: "absent" });
  });

  it("a rotation that finds the association taken leaves it to who has it", async () => {
    await sync();
    let first = true;
    const slow = await rotationHouse(lab, house.store, clock, undefined, undefined, (real) => ({
      ...real,
      put: async (connector, secret, value) => {
        if (first) {
          first = false;
          await rotate();
        }
        return real.put(connector, secret, value);
      },
    }));
    await slow.call("rotated-secret sync", { name: item() });
    expect(await look(remote())).toMatchObject({ is: `live ${await password()}` });
    expect((await house.store.collection(associations).list()).map(({ value }) => [value.pushed, value.until])).toEqual([[2, 0]]);
  });
});
