import type { Clock } from "./clock.ts";
import type { Directory } from "./directory.ts";
import type { Body } from "./graph-body.ts";
import type { Answer, Ask } from "./room.ts";
import type { Settings } from "./settings.ts";
import type { Caller, Signer } from "./token.ts";

export interface GraphHouse {
  directory: Directory;
  signer: Signer;
  clock: Clock;
  settings: Settings;
}

/** One request of a caller whose token is good. */
export interface GraphCall {
  directory: Directory;
  settings: Settings;
  now: number;
  caller: Caller;
  ask: Ask;
  params: Readonly<Record<string, string>>;
  body: Body;
  /** Where Graph is, as the caller wrote it: `https://graph.microsoft.com/v1.0`. */
  base: string;
}

export interface GraphRoute {
  method: string;
  /** As `plainPath` makes it; literals are in small letters. */
  path: string;
  /** One of these permissions is enough. Nothing is needed where there is none. */
  needs: readonly string[];
  run(call: GraphCall): Answer;
}

/** `context` is the part after `$metadata#`. */
export function ok(call: GraphCall, context: string, body: object): Answer {
  return { status: 200, body: { "@odata.context": `${call.base}/$metadata#${context}`, ...body } };
}

/** Graph writes the address that its directory had before it. */
export function created(call: GraphCall, context: string, body: { id: string }, type: string): Answer {
  const location = `${call.base.replace(/\/v1\.0$/, "/v2")}/${call.directory.tenantId}/directoryObjects/${body.id}/Microsoft.DirectoryServices.${type}`;
  return { ...ok(call, context, body), status: 201, headers: { location } };
}

export const noContent: Answer = { status: 204 };
