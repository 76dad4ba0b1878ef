import { BadControl, longestMs, type Note, type Run } from "./control-input.ts";
import type { Fault, PlantedFault } from "./faults.ts";

export const listFaults: Run = ({ faults }) => ({ faults: faults.all().map(shown) });

export const clearFaults: Run = ({ faults }) => {
  faults.clear();
  return undefined;
};

export const plantFault: Run = ({ faults }, { body }) => {
  const planted = faults.plant(readFault(body));
  if (planted === "full") throw new BadControl("There are 1000 faults already: delete them first.");
  return { id: planted.id };
};

function readFault(body: Note["body"]): Fault {
  const fault: Fault = {
    method: (body.text("method") ?? "*").toUpperCase(),
    path: body.text("path") ?? "*",
    times: body.whole("times", 1e6) ?? 1,
  };
  const status = body.whole("status", 599);
  if (status !== undefined) {
    if (status < 200) throw new BadControl('"status" must be a whole number from 200 to 599.');
    fault.status = status;
  }
  const answer = body.raw("body");
  if (typeof answer === "string" || (typeof answer === "object" && answer !== null)) fault.body = answer;
  else if (answer !== undefined) throw new BadControl('"body" must be a string or an object.');
  const delayMs = body.whole("delay_ms", longestMs);
  if (delayMs !== undefined) fault.delayMs = delayMs;
  const retryAfter = body.whole("retry_after", 86_400);
  if (retryAfter !== undefined) fault.retryAfter = retryAfter;
  const drop = body.text("drop");
  if (drop === "before" || drop === "after") fault.drop = drop;
  else if (drop !== undefined) throw new BadControl('"drop" must be "before" or "after".');
  if (body.flag("hold") === true) fault.hold = true;
  body.end();
  return fault;
}

export const releaseFault: Run = ({ faults }, { params, body }) => {
  body.end();
  const fault = faults.find(params["id"] ?? "");
  if (fault === undefined) throw new BadControl("There is no such fault.");
  fault.release();
  return undefined;
};

function shown({ id, fault, hits, held }: PlantedFault): object {
  const { delayMs: delay_ms, retryAfter: retry_after, ...rest } = fault;
  return { id, ...rest, delay_ms, retry_after, hits, held };
}
