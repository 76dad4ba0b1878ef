import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { contentOf, findRotated } from "../../src/features/rotation/find.ts";
import { rotations } from "../../src/features/rotation/model.ts";
import { spareKeys } from "../../src/features/rotation/spare.ts";
import { UscError } from "../../src/kernel/errors.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { memoryStore } from "../support/memory-store.ts";
import { directoryOf, rotationHouse, scheduledKey } from "../support/rotation-house.ts";
import { turnsOf } from "../support/rotation-turns.ts";
import { faults, hastyRotators, silences } from "./rotation-faults.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = directoryOf(lab);
let cells = 0;
afterAll(() => console.log(`rotation (grace): ${cells} fault cells`));

let house: Awaited<ReturnType<typeof rotationHouse>>;
let turns: ReturnType<typeof turnsOf>;
let appId = "";
let foreign = "";
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  ({ appId } = await azure.application("app"));
  ({ keyId: foreign } = await azure.addPassword(appId, "somebody's"));
  house = await rotationHouse(lab, memoryStore(), clock);
  turns = turnsOf(house.engine);
});

const haste = async (): Promise<void> => {
  house = await rotationHouse(lab, house.store, clock, undefined, hastyRotators(house.store, clock));
  turns = turnsOf(house.engine);
};
const onTheDate = async (): Promise<void> => {
  clock.leap(Math.max(0, ((await turns.due()) ?? 0) - clock.now()));
  await turns.run();
};
const calls = {
  "the look at the application": { path: "*applications*", method: "GET" },
  addPassword: { path: "*addPassword" },
  "the login that proves": { path: "*oauth2/v2.0/token" },
  removePassword: { path: "*removePassword" },
};
type CallName = keyof typeof calls;

/** What goes on under grace beyond a plain rotation. `spare`: what stands beside the current one in the end. */
interface Moment {
  timing: "after" | "before";
  before: () => Promise<void>;
  act: () => Promise<unknown>;
  makes: readonly CallName[];
  value: "stays" | "changes";
  spare?: "old" | "next";
}
const nothing = async (): Promise<void> => {};
const rotate = async (): Promise<void> => void (await house.call("rotate-secret", { name: "key" }));
const moments: Record<string, Moment> = {
  "the next one is made ahead": {
    timing: "before",
    before: nothing,
    act: onTheDate,
    makes: ["the look at the application", "addPassword", "the login that proves"],
    value: "stays",
    spare: "next",
  },
  "what was made ahead is proven again on its date, and the old one goes": {
    timing: "before",
    before: onTheDate,
    act: onTheDate,
    makes: ["the look at the application", "the login that proves", "removePassword"],
    value: "changes",
  },
  "the old one goes at the end of grace": {
    timing: "after",
    before: rotate,
    act: onTheDate,
    makes: ["the look at the application", "removePassword"],
    value: "stays",
  },
  "the older of two goes in a rotation, and the old one is kept": {
    timing: "after",
    before: rotate,
    act: rotate,
    makes: ["removePassword"],
    value: "changes",
    spare: "old",
  },
};
for (const [timing, before] of [
  ["after", rotate],
  ["before", onTheDate],
] as const) {
  moments[`grace ${timing} the date is ended by an update`] = {
    timing,
    before,
    act: () => house.call("rotated-secret update azure", { name: "key", "grace-rotation": false }),
    makes: ["the look at the application", "removePassword"],
    value: "stays",
  };
}
/** What the item says of it, whichever call it was. */
const sentences: Readonly<Record<string, RegExp>> = {
  "HTTP 400": /HTTP 400/u,
  "HTTP 401": /refused the token of the target \/t|HTTP 401/u,
  "HTTP 403": /does not let the target \/t change the application|HTTP 403/u,
  "HTTP 404": /There is no application|HTTP 404/u,
  "HTTP 409": /HTTP 409/u,
  "429 with Retry-After": /throttling/u,
  "429 without": /throttling/u,
  "HTTP 500": /HTTP 500/u,
  "HTTP 503": /HTTP 503/u,
  "a page of a gateway": /something that is no[^.]*(Microsoft Graph|Entra)'s|HTTP 200/u,
  "a reset before the effect": /connection to .* was closed/u,
  "a reset after the effect": /connection to .* was closed/u,
  "a lost answer of 503": /HTTP 503/u,
  "no answer, and no effect": /did not answer in time/u,
  "no answer after the effect": /did not answer in time/u,
};
const cases = Object.entries(moments).flatMap(([when, moment]) =>
  moment.makes.flatMap((call) =>
    Object.entries({ ...faults, ...silences }).flatMap(([fault, played]) =>
      [1, 1000].map((times) => [when, call, fault, times, { moment, played }] as const),
    ),
  ),
);

const shown = async () => {
  const { item_general_info: info } = await house.call("describe-item", { name: "key" });
  return (info as { rotated_secret_details: Record<string, string> }).rotated_secret_details;
};
const stands = async () => new Set((await azure.secretsOf(appId)).map(({ key_id }) => key_id));
const works = async () => azure.logsIn(appId, (await house.value("key"))["password"] ?? "");
/** Key ids that the item knows, and the one that is none of ours. */
const known = async () => {
  const { content } = await contentOf(house.store, (await findRotated(house.store, "key")).value);
  return new Set([foreign, (await house.value("key"))["username"], ...spareKeys(content)]);
};
const left = () => house.store.collection(rotations).list();

describe("whatever Azure answers under grace, the value works, nothing is orphaned, the failure is told, and the schedule sets all right", () => {
  it.each(cases)("%s; %s: %s, %i times", async (_, call, what, times, { moment, played }) => {
    const grace = { "grace-rotation": true, "grace-rotation-interval": 5, "grace-rotation-timing": moment.timing };
    await house.call("rotated-secret create azure", scheduledKey("key", appId, grace));
    await moment.before();
    const before = await house.value("key");
    if (what in silences) await haste();
    await lab.control("POST", "/faults", { ...calls[call], ...played, times });
    const failure: unknown = await moment.act().then(
      () => undefined,
      (error: unknown) => error,
    );
    const { hits } = (await lab.control("GET", "/faults")).json.faults[0] as { hits: number };
    await lab.control("DELETE", "/faults");
    expect(hits).toBeGreaterThan(0);
    const status = await shown();
    if (failure !== undefined) {
      expect(failure).toBeInstanceOf(UscError);
      expect(failure).not.toHaveProperty("code", "internal");
    }
    expect(status).toMatchObject(
      status["last_rotation_error"] === undefined && failure === undefined
        ? { rotator_status: "RotationSucceeded" }
        : { rotator_status: "RotationFailed", last_rotation_error: expect.stringMatching(sentences[what] ?? /no sentence for it/u) },
    );
    expect(await works()).toBe(true);
    if (moment.value === "stays") expect(await house.value("key")).toEqual(before);
    // A removal whose answer was lost may have left less than the item knows.
    const ofItem = await known();
    if ((await left()).length === 0) expect([...(await stands())].filter((keyId) => !ofItem.has(keyId))).toEqual([]);

    for (let tries = 0; tries < 5 && (await shown())["rotator_status"] !== "RotationSucceeded"; tries += 1) await onTheDate();
    expect(await shown()).toMatchObject({ rotator_status: "RotationSucceeded" });
    expect(await left()).toEqual([]);
    expect(await works()).toBe(true);
    expect(await stands()).toEqual(await known());
    await house.call("rotated-secret delete", { name: "key" });
    expect(await stands()).toEqual(new Set([foreign]));
    cells += 1;
  });
});
