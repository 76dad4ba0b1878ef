import { describe, expect, it } from "vitest";
import { furnished, refused } from "../support/house.ts";

async function withSecret(value = "v") {
  const made = await furnished();
  await made.object("create", { "secret-name": "s", value });
  made.vault.seen.length = 0;
  return made;
}

describe("delete", () => {
  it("waits until the deletion can be seen", async () => {
    const { object, vault, told } = await withSecret();
    vault.switches.pollsUntilVisible = 3;
    expect(await object("delete", { "secret-id": "s" })).toEqual({ name: "s" });
    expect(vault.seen).toEqual(["delete s", "deleted s", "deleted s", "deleted s", "deleted s"]);
    expect(told).toEqual(["Deleting s", "Waiting until s is deleted"]);
  });

  it("is done when the deletion is taken, for one who may not look at deleted secrets", async () => {
    const { object, vault } = await withSecret();
    vault.switches.forbidDeleted = true;
    expect(await object("delete", { "secret-id": "s" })).toEqual({ name: "s" });
  });

  it("of a secret deleted before says so, and what can be done", async () => {
    const { object } = await withSecret();
    await object("delete", { "secret-id": "s" });
    await expect(object("delete", { "secret-id": "s" })).rejects.toEqual(refused("not_found", /deleted already/u));
  });

  it("gives up at --timeout and names the command that goes on", async () => {
    const { object, vault, clock } = await withSecret();
    vault.switches.pollsUntilVisible = 1000;
    const began = clock.now();
    await expect(object("delete", { "secret-id": "s", timeout: 7 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("has begun"),
      details: { hint: expect.stringContaining("usc delete --usc-name /kv --secret-id s") },
    });
    expect(clock.now() - began).toBeLessThanOrEqual(7000);
  });

  it("stops between two steps when asked to, says what is done and which command goes on", async () => {
    const { object, vault, stopDuring } = await withSecret();
    vault.switches.pollsUntilVisible = 1000;
    stopDuring("delete s");
    await expect(object("delete", { "secret-id": "s" })).rejects.toMatchObject({
      code: "interrupted",
      message: "Stopped. The deletion of s has begun.",
      details: { hint: "`usc delete --usc-name /kv --secret-id s` goes on from here." },
    });
    expect(vault.seen).toEqual(["delete s"]);
  });
});

describe("a deletion that was cut off while Key Vault shows the secret neither live nor deleted", () => {
  it.each(["delete", "delete --force-delete"])("is gone on with by %s", async (command) => {
    const { object, vault, stop, stopDuring } = await withSecret();
    vault.switches.pollsUntilVisible = 3;
    stopDuring("delete s");
    await expect(object("delete", { "secret-id": "s" })).rejects.toMatchObject({ code: "interrupted" });
    stop.reset();
    expect(await object("delete", { "secret-id": "s", "force-delete": command !== "delete" })).toEqual({ name: "s" });
    expect(vault.deleted.size).toBe(command === "delete" ? 1 : 0);
  });

  it("is forgotten when it is through: later the name is not_found", async () => {
    const { object } = await withSecret();
    await object("delete", { "secret-id": "s", "force-delete": true });
    await expect(object("delete", { "secret-id": "s" })).rejects.toEqual(refused("not_found", /does not exist/u));
  });
});

describe("delete --force-delete", () => {
  it("deletes, waits, purges, and waits until the name is free", async () => {
    const { object, vault } = await withSecret();
    vault.switches.pollsUntilVisible = 2;
    await object("delete", { "secret-id": "s", "force-delete": true });
    expect(vault.seen).toEqual(["delete s", "deleted s", "deleted s", "deleted s", "purge s", "deleted s", "purge s"]);
    expect(vault.deleted.size).toBe(0);
    await object("create", { "secret-name": "s", value: "new" });
  });

  it("purges what was deleted before", async () => {
    const { object, vault } = await withSecret();
    await object("delete", { "secret-id": "s" });
    expect(await object("delete", { "secret-id": "s", "force-delete": true })).toEqual({ name: "s" });
    expect(vault.deleted.size).toBe(0);
  });

  it("of a name that never was is not_found", async () => {
    const { object } = await furnished();
    await expect(object("delete", { "secret-id": "no", "force-delete": true })).rejects.toEqual(refused("not_found"));
  });

  it("under purge protection leaves the secret deleted, and says until when", async () => {
    const { object, vault } = await withSecret();
    vault.switches.purgeProtection = true;
    await expect(object("delete", { "secret-id": "s", "force-delete": true })).rejects.toEqual(
      refused("conflict", /stays soft-deleted until 2024-02-12T22:13:20Z: the vault has purge protection/u),
    );
    expect(vault.deleted.has("s")).toBe(true);
  });

  it("is what delete does through a connector with --enable-purge, unless told otherwise", async () => {
    const { call, object, vault } = await withSecret();
    await call("update-item", { name: "kv", "enable-purge": true });
    await object("delete", { "secret-id": "s" });
    expect(vault.deleted.size).toBe(0);
    await object("create", { "secret-name": "s", value: "v" });
    await object("delete", { "secret-id": "s", "force-delete": false });
    expect(vault.deleted.has("s")).toBe(true);
  });
});

describe("recover and purge", () => {
  it("a deleted secret comes back with its versions", async () => {
    const { object, vault } = await withSecret();
    await object("delete", { "secret-id": "s" });
    vault.switches.pollsUntilVisible = 2;
    expect(await object("recover", { "secret-id": "s" })).toEqual({ name: "s", secret_id: "https://vvv.vault.azure.net/secrets/s" });
    expect(await object("get", { "secret-id": "s" })).toMatchObject({ value: Buffer.from("v").toString("base64") });
  });

  it("recovering a live secret changes nothing, and an unknown one is not_found", async () => {
    const { object } = await withSecret();
    expect(await object("recover", { "secret-id": "s" })).toMatchObject({ name: "s" });
    await expect(object("recover", { "secret-id": "no" })).rejects.toEqual(refused("not_found", /no deleted secret/u));
  });

  it("purge leaves a live secret alone", async () => {
    const { object, vault } = await withSecret();
    await expect(object("purge", { "secret-id": "s" })).rejects.toEqual(refused("not_found", /no deleted secret/u));
    expect(vault.live.has("s")).toBe(true);
  });

  it("list-deleted tells when each goes for good", async () => {
    const { object } = await withSecret();
    await object("delete", { "secret-id": "s" });
    expect(await object("list-deleted")).toEqual({
      secrets_list: [
        expect.objectContaining({
          name: "s",
          deleted_date: "2023-11-14T22:13:20Z",
          scheduled_purge_date: "2024-02-12T22:13:20Z",
          status: true,
        }),
      ],
    });
  });
});

describe("create under a soft-deleted name", () => {
  async function deleted() {
    const made = await withSecret("old");
    await made.object("delete", { "secret-id": "s" });
    made.vault.seen.length = 0;
    return made;
  }

  it("is refused", async () => {
    const { object, vault } = await deleted();
    await expect(object("create", { "secret-name": "s", value: "new" })).rejects.toEqual(refused("conflict"));
    expect(vault.live.size).toBe(0);
  });

  it("--if-deleted recover brings it back and adds a version", async () => {
    const { object, vault } = await deleted();
    vault.switches.pollsUntilVisible = 2;
    await object("create", { "secret-name": "s", value: "new", "if-deleted": "recover" });
    expect(vault.live.get("s")?.map(({ value }) => value)).toEqual(["old", "new"]);
  });

  it("--if-deleted recover does not overwrite what somebody else has written since a recovery of ours", async () => {
    const { object, vault, stopDuring, stop } = await deleted();
    stopDuring("recover s");
    await expect(object("create", { "secret-name": "s", value: "new", "if-deleted": "recover" })).rejects.toEqual(refused("interrupted"));
    stop.reset();
    await object("recover", { "secret-id": "s" });
    await object("update", { "secret-id": "s", value: "someone else's" });
    await expect(object("create", { "secret-name": "s", value: "new", "if-deleted": "recover" })).rejects.toEqual(
      refused("conflict", /exists already/u),
    );
    expect(vault.live.get("s")?.at(-1)?.value).toBe("someone else's");
  });

  it("--if-deleted recover goes on after it was cut off, also with the value that was there", async () => {
    const { object, vault, stopDuring, stop } = await deleted();
    stopDuring("recover s");
    const again = { "secret-name": "s", value: "old", tags: { new: "1" }, "if-deleted": "recover" };
    await expect(object("create", again)).rejects.toEqual(refused("interrupted"));
    stop.reset();
    await object("create", again);
    expect(vault.live.get("s")?.map(({ tags }) => tags)).toEqual([{}, { new: "1" }]);
  });

  it("--if-deleted recover goes on while what it was cut off from is still on its way back", async () => {
    const { object, vault, stopDuring, stop } = await deleted();
    stopDuring("recover s");
    const again = { "secret-name": "s", value: "new", "if-deleted": "recover" };
    await expect(object("create", again)).rejects.toEqual(refused("interrupted"));
    stop.reset();
    vault.switches.getsUntilBack = 1;
    await object("create", again);
    expect(vault.live.get("s")?.map(({ value }) => value)).toEqual(["old", "new"]);
  });

  it("--if-deleted purge begins anew", async () => {
    const { object, vault } = await deleted();
    await object("create", { "secret-name": "s", value: "new", "if-deleted": "purge" });
    expect(vault.live.get("s")?.map(({ value }) => value)).toEqual(["new"]);
  });

  it("--if-deleted purge under purge protection loses nothing", async () => {
    const { object, vault } = await deleted();
    vault.switches.purgeProtection = true;
    await expect(object("create", { "secret-name": "s", value: "new", "if-deleted": "purge" })).rejects.toEqual(
      refused("conflict", /purge protection/u),
    );
    expect(vault.deleted.has("s")).toBe(true);
  });
});
