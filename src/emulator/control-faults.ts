import { BadControl, longestMs, type Reader, type Run } from "./control-input.ts";
import type { Fault, Moment, PlantedFault, Trickle } from "./faults.ts";

/** `GET /faults` answers `{"faults":[{"id", ...the fault as planted, "seen", "hits", "held"}]}`. */
export const listFaults: Run = ({ faults }) => ({ faults: faults.all().map(shown) });

/** `DELETE /faults` forgets them all, and what they held goes on. */
export const clearFaults: Run = ({ faults }) => {
  faults.clear();
  return undefined;
};

/** `POST /faults` takes the members of `Fault`, all optional, and answers `{"id"}`. The first one planted that fits a request is played. */
export const plantFault: Run = ({ faults }, { body }) => {
  const planted = faults.plant(readFault(body));
  if (planted === "full") throw new BadControl("There are 1000 faults already: delete them first.");
  return { id: planted.id };
};

/** `POST /faults/ID/release` lets go what the fault holds, and it holds nothing any more. */
export const releaseFault: Run = ({ faults }, { params, body }) => {
  body.end();
  const fault = faults.find(params["id"] ?? "");
  if (fault === undefined) throw new BadControl("There is no such fault.");
  fault.release();
  return undefined;
};

function readFault(body: Reader): Fault {
  const fault: Fault = {
    method: (body.text("method") ?? "*").toUpperCase(),
    path: body.text("path") ?? "*",
    times: body.whole("times", { max: 1e6 }) ?? 1,
    skip: body.whole("skip", { max: 1e6 }),
    status: body.whole("status", { min: 200, max: 599 }),
    takes_effect: body.flag("takes_effect"),
    headers: readHeaders(body),
    body: readAnswer(body.raw("body")),
    body_base64: body.text("body_base64"),
    retry_after: body.whole("retry_after", { max: 86_400 }),
    delay_ms: body.whole("delay_ms", { max: longestMs }),
    hold: readMoment("hold", body.raw("hold")),
    drop: readMoment("drop", body.raw("drop")),
    reset: readMoment("reset", body.raw("reset")),
    cut: body.whole("cut", { max: 1e9 }),
    slow: readTrickle(body.inner("slow")),
  };
  body.end();
  if (fault.body !== undefined && fault.body_base64 !== undefined) throw new BadControl('"body" and "body_base64" exclude each other.');
  return fault;
}

function readAnswer(given: unknown): string | object | undefined {
  if (given === undefined || typeof given === "string" || (typeof given === "object" && given !== null)) return given;
  throw new BadControl('"body" must be a string or an object.');
}

function readHeaders(body: Reader): Record<string, string> | undefined {
  const given = body.inner("headers");
  if (given === undefined) return undefined;
  const headers = given.keys().map((name): [string, string] => {
    const value = given.text(name) ?? "";
    const isPlain = /^[0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e\xa0-\xff]*$/.test(value);
    if (!isPlain) throw new BadControl(`The header "${name}" cannot be sent.`);
    return [name.toLowerCase(), value];
  });
  return Object.fromEntries(headers);
}

/** `true` is an older word for "before". */
function readMoment(key: string, given: unknown): Moment | undefined {
  if (given === undefined || given === "before" || given === "after") return given;
  if (key === "hold" && given === true) return "before";
  throw new BadControl(`"${key}" must be "before" or "after".`);
}

function readTrickle(slow: Reader | undefined): Trickle | undefined {
  if (slow === undefined) return undefined;
  const trickle = { bytes: slow.whole("bytes", { min: 1, max: 1e6 }) ?? 1, every_ms: slow.whole("every_ms", { max: longestMs }) ?? 1_000 };
  slow.end();
  return trickle;
}

function shown({ id, fault, seen, hits, held }: PlantedFault): object {
  return { id, ...fault, seen, hits, held };
}
