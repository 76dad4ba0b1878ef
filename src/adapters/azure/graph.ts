import { createEmptyPipeline, createPipelineRequest } from "@azure/core-rest-pipeline";
import * as z from "zod/mini";
import type { Subject } from "../../features/rotation/port.ts";
import { graphAudienceOf } from "../../features/targets/clouds.ts";
import { UscError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { parseJson } from "./answers.ts";
import { authorised } from "./authorised.ts";
import { endpointOf } from "./endpoint.ts";
import { graphRefusal } from "./graph-refusals.ts";
import { overTransport } from "./http-client.ts";
import type { Session } from "./session.ts";
import { requestIdOf, type Reply } from "./transport.ts";

const limit = 8 * 1024 * 1024;

export interface GraphRequest {
  method: "GET" | "POST" | "PATCH";
  /** Behind `/v1.0`, its names encoded. */
  path: string;
  body?: object;
  effect?: string;
}

// Without policies: tokens, retries, proxies and deadlines are our transport's, and what redirects or logs would only know more.
const pipeline = createEmptyPipeline();

/** One call of Microsoft Graph, as the subject's target. */
export async function askGraph(session: Session, { cloud, target }: Subject, request: GraphRequest): Promise<Reply> {
  const { method, path, body, effect } = request;
  const wanted = { ...(await session.wanted({ cloud, target })), audience: graphAudienceOf(cloud) };
  const { origin, base } = endpointOf(cloud, "graph-endpoint");
  const asking = { is: "graph", origin, limit, ...present({ effect }) } as const;
  const asked = createPipelineRequest({
    method,
    url: `${origin}${base}/v1.0${path}`,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { reply } = await overTransport(
    { client: "Microsoft Graph", origin, send: (built) => authorised({ session, wanted, limits: undefined }, { ...asking, ...built }) },
    (httpClient) => pipeline.sendRequest(httpClient, asked),
  );
  return reply;
}

/** What Graph answered, if it is of that form; else the refusal. */
export function read<S extends z.ZodMiniType>(reply: Reply, schema: S, subject: Subject, effect?: string): z.output<S> {
  if (reply.status !== 200) throw graphRefusal(reply, subject, { effect });
  const answer = parseJson(schema, reply.body);
  if (answer !== undefined) return answer;
  throw new UscError("unavailable", `${subject.cloud["graph-endpoint"]} answered something that is not Microsoft Graph's.`, {
    requestId: requestIdOf(reply),
    hint: "Check the Graph endpoint of the cloud, and the proxy if there is one.",
    ...(effect === undefined ? {} : { reason: "lost" }),
  });
}
