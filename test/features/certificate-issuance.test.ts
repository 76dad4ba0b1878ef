import { beforeEach, describe, expect, it } from "vitest";
import { azureHouse, type AzureHouse } from "../support/azure-house.ts";
import { signedOutside } from "../support/test-certificates.ts";

const renewal = { "object-type": "certificate", "secret-name": "x", subject: "CN=x", "key-type": "EC", overwrite: true };

let house: AzureHouse;
const versions = async (): Promise<number> => (await house.wire("GET", "/certificates/x/versions")).json.value.length;

describe("usc create --object-type certificate --overwrite, when Key Vault took the request and usc has never heard so", () => {
  beforeEach(async () => {
    house = await azureHouse();
    expect((await house.call("create", renewal)).code).toBe("ok");
    await house.control("POST", "/faults", { method: "POST", path: "/certificates/x/create", status: 500, takes_effect: true });
    // The first look is the one before the request.
    await house.control("POST", "/faults", { method: "GET", path: "/certificates/x/pending", status: 500, skip: 1, times: 1000 });
    expect((await house.call("create", { ...renewal, timeout: 12 })).code).toBe("unavailable");
    await house.control("DELETE", "/faults");
    house.clock.leap(1000);
    expect(await versions()).toBe(2);
  });

  it("the repeated command answers with what was made meanwhile, and makes no version of its own", async () => {
    const { code, answer } = await house.call("create", renewal);
    expect([code, await versions()]).toEqual(["ok", 2]);
    const { id } = (await house.wire("GET", "/certificates/x")).json;
    expect(answer).toMatchObject({ version_id: id.split("/").at(-1) });
    expect(await house.unfinished()).toEqual([]);
  });

  it("once more is a new version again", async () => {
    await house.call("create", renewal);
    expect((await house.call("create", renewal)).code).toBe("ok");
    expect(await versions()).toBe(3);
  });

  it.each([
    ["another wish", { "dns-name": ["other.example"] }, 0],
    ["an hour later the same", {}, 3_600_000],
  ])("%s is a new version", async (_, more, later) => {
    house.clock.leap(later);
    expect((await house.call("create", { ...renewal, ...more })).code).toBe("ok");
    expect(await versions()).toBe(3);
    expect(await house.unfinished()).toEqual([]);
  });
});

it("a certificate that was completed after its command had given up is answered for a day, and then renewed", async () => {
  house = await azureHouse();
  await house.control("PUT", "/settings", { delays: { issue: 60_000 } });
  const day = 24 * 3_600_000;
  for (const [name, later, expected] of [
    ["soon", 0, 1],
    ["late", day, 2],
  ] as const) {
    const wish = { ...renewal, "secret-name": name };
    expect((await house.call("create", { ...wish, timeout: 5 })).code).toBe("unavailable");
    house.clock.leap(60_000 + later);
    expect((await house.call("create", wish)).code).toBe("ok");
    expect((await house.wire("GET", `/certificates/${name}/versions`)).json.value).toHaveLength(expected);
  }
});

it("a request that was completed past usc is not answered once more", async () => {
  const request = { "object-type": "certificate", "secret-name": "y", subject: "CN=y", "key-type": "EC", csr: true };
  house = await azureHouse();
  const { answer } = await house.call("create", request);
  expect((await house.call("create", request)).answer).toEqual(answer);
  const { der } = signedOutside(String(answer?.["csr"]));
  expect((await house.wire("POST", "/certificates/y/pending/merge", { x5c: [der.toString("base64")] })).status).toBe(201);
  expect(await house.call("create", request)).toMatchObject({ code: "conflict", error: { message: "The certificate y exists already." } });
  expect(await house.unfinished()).toEqual([]);
});
