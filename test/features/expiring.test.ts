import { describe, expect, it } from "vitest";
import { furnished, refused } from "../support/house.ts";

// The house stands at 2026-01-01.
const dates = { past: "2025-12-25T00:00:00Z", now: "2026-01-01T00:00:00Z", soon: "2026-01-31T00:00:00Z", far: "2026-02-01T00:00:00Z" };

async function withDates() {
  const made = await furnished({ pageSize: 2 });
  for (const [name, date] of Object.entries(dates))
    await made.object("create", { "secret-name": name, value: "canary", "remote-secret-expires": date, tags: { kind: name } });
  await made.object("create", { "secret-name": "forever", value: "canary" });
  return made;
}

/** What a report answers that found something. */
const found = async (call: Promise<unknown>): Promise<{ expiring: Record<string, unknown>[]; checked: number; steps: unknown[] }> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toEqual(refused("changes"));
  return (error as { details: { answer: never } }).details.answer;
};

describe("expiring", () => {
  it("finds what expires within 30 days and what has expired, soonest first, and exits as a report that found something", async () => {
    const { object } = await withDates();
    const { expiring, checked } = await found(object("expiring"));
    expect(checked).toBe(5);
    expect(expiring).toEqual([
      {
        name: "past",
        secret_id: "https://vvv.vault.azure.net/secrets/past",
        object_type: "secret",
        expiration: dates.past,
        expired: true,
        days_left: -7,
        status: true,
      },
      expect.objectContaining({ name: "now", expired: true, days_left: 0 }),
      expect.objectContaining({ name: "soon", expired: false, days_left: 30, expiration: dates.soon }),
    ]);
  });

  it.each([
    ["0d", ["past", "now"]],
    ["719h", ["past", "now"]],
    ["720h", ["past", "now", "soon"]],
    ["31d", ["past", "now", "soon", "far"]],
  ])("within %s", async (within, names) => {
    const { object } = await withDates();
    const { expiring } = await found(object("expiring", { within }));
    expect(expiring.map(({ name }) => name)).toEqual(names);
  });

  it("looks only at what is asked for, and passes if that is in order", async () => {
    const { object } = await withDates();
    expect(await object("expiring", { search: "FAR" })).toMatchObject({ expiring: [], checked: 1, steps: [{ step: "far", status: "ok" }] });
    expect(await object("expiring", { tag: ["kind=far"] })).toMatchObject({ expiring: [], checked: 1 });
    expect(await object("expiring", { tag: { kind: "far", team: "none" } })).toMatchObject({ checked: 0 });
  });

  it("has a step for each secret that has a date, so that a CI server shows them", async () => {
    const { object } = await withDates();
    const { steps } = await found(object("expiring"));
    expect(steps).toEqual([
      { step: "past", status: "failed", ms: 0, detail: "It expired at 2025-12-25T00:00:00Z." },
      expect.objectContaining({ step: "now", status: "failed" }),
      { step: "soon", status: "failed", ms: 0, detail: "It expires at 2026-01-31T00:00:00Z." },
      expect.objectContaining({ step: "far", status: "ok" }),
    ]);
  });

  it("finds a certificate by the secret behind it, and says which it is", async () => {
    const { object, vault } = await withDates();
    Object.assign(vault.live.get("soon")?.[0] ?? {}, { managed: true, enabled: false });
    const { expiring } = await found(object("expiring", { search: "soon" }));
    expect(expiring).toEqual([expect.objectContaining({ name: "soon", object_type: "certificate", status: false })]);
  });

  it("asks for no value", async () => {
    const { object, vault } = await withDates();
    vault.seen.length = 0;
    await found(object("expiring"));
    expect(vault.seen.filter((request) => !request.startsWith("list"))).toEqual([]);
  });

  it.each(["30", "30 d", "1y", "-1d", "2026-01-01", "d"])("refuses the duration %s", async (within) => {
    const { object } = await furnished();
    await expect(object("expiring", { within })).rejects.toEqual(refused("usage", /--within is not valid/u));
  });
});
