import { describe, expect, it } from "vitest";
import { furnished } from "../support/house.ts";

describe("validate", () => {
  it("runs the five steps with a name of its own and leaves nothing", async () => {
    const { object, vault } = await furnished();
    const answer = (await object("validate")) as { status: string; secret_name: string; steps: { step: string; status: string }[] };
    expect(answer.steps.map(({ step, status }) => `${step} ${status}`)).toEqual([
      "list ok",
      "create ok",
      "get ok",
      "update ok",
      "delete ok",
    ]);
    expect(answer.secret_name).toMatch(/^usc-validate-[0-9a-f]{12}$/u);
    expect([vault.live.size, vault.deleted.size]).toEqual([0, 0]);
  });

  it("C14 a step that fails fails the command, skips the rest and cleans up", async () => {
    const { object, vault } = await furnished();
    vault.switches.forbidGet = true;
    await expect(object("validate")).rejects.toMatchObject({
      code: "forbidden",
      message: 'The step "get" failed: The role is missing.',
      details: {
        answer: {
          status: "failed",
          steps: [{ status: "ok" }, { status: "ok" }, { step: "get", status: "failed" }, { status: "skipped" }, { status: "skipped" }],
        },
      },
    });
    expect([vault.live.size, vault.deleted.size]).toEqual([0, 0]);
  });

  it("says what purge protection keeps, and until when", async () => {
    const { object, vault } = await furnished();
    vault.switches.purgeProtection = true;
    expect(await object("validate")).toMatchObject({ status: "ok", stays: expect.stringMatching(/stays soft-deleted until 2024-/u) });
  });

  it("removes what a check that was stopped has left, when that can no longer be at work", async () => {
    const { object, vault, clock, stop } = await furnished();
    vault.switches.pollsUntilVisible = 1;
    const deleteNow = vault.adapter.delete;
    // The check is stopped while it deletes.
    vault.adapter.delete = async (...args) => {
      stop.abort();
      return deleteNow(...args);
    };
    await expect(object("validate")).rejects.toMatchObject({ code: "interrupted" });
    expect(vault.deleted.size).toBe(1);
    await clock.sleep(200_000);
    vault.adapter.delete = deleteNow;
    vault.switches.pollsUntilVisible = 0;
    stop.reset();
    expect(await object("validate")).toMatchObject({ removed: [expect.stringMatching(/^usc-validate-/u)] });
    expect([vault.live.size, vault.deleted.size]).toEqual([0, 0]);
  });
});

describe("test-connection", () => {
  it("writes, reads and removes one fixed name", async () => {
    const { object, vault, clock } = await furnished();
    expect(await object("test-connection")).toEqual({ status: "SUCCESS", errors: [], errorSummary: "", testedAt: clock.now() });
    expect(vault.seen.filter((call) => call.startsWith("set"))).toEqual(["set usc-connection-test"]);
    expect([vault.live.size, vault.deleted.size]).toEqual([0, 0]);
  });

  it("recovers and uses again what purge protection keeps", async () => {
    const { object, vault } = await furnished();
    vault.switches.purgeProtection = true;
    await object("test-connection");
    expect(await object("test-connection")).toMatchObject({
      status: "SUCCESS",
      stays: expect.stringContaining("usc-connection-test stays soft-deleted"),
    });
    expect(vault.deleted.get("usc-connection-test")).toHaveLength(2);
  });

  it("--read-only writes nothing", async () => {
    const { object, vault } = await furnished();
    await object("test-connection", { "read-only": true });
    expect(vault.seen).toEqual(["list 0"]);
  });

  it("a failure is answered as Harness does, with the exit of its cause, and the connector stays", async () => {
    const { object, call, vault } = await furnished();
    vault.switches.forbidGet = true;
    await expect(object("test-connection")).rejects.toMatchObject({
      code: "forbidden",
      details: {
        answer: {
          status: "FAILURE",
          errors: [{ reason: "forbidden", message: "The role is missing." }],
          errorSummary: "The role is missing.",
        },
      },
    });
    expect(await call("describe-item", { name: "kv" })).toMatchObject({ item_name: "/kv" });
  });
});
