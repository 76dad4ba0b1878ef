import * as z from "zod/mini";
import type { UscError } from "../../kernel/errors.ts";
import { once } from "../../kernel/once.ts";
import { parseJson } from "./answers.ts";
import { lost } from "./failures.ts";
import { requestIdOf, type Reply } from "./transport.ts";

const Body = once(() => z.object({ error: z.object({ code: z.string() }) }));

/** The code of an error as Graph and ARM word one. */
export const errorCodeOf = ({ body }: Reply): string | undefined => parseJson(Body(), body)?.error.code;

/**
 * Whether an answer to a write says that nothing was written: a service's own error under a status that refuses, or that it is throttling. One that
 * failed may have written before; a page of a gateway, or an error under a status of success, says nothing.
 */
function refuses(reply: Reply): boolean {
  return reply.status === 429 || (reply.status >= 400 && reply.status < 500 && errorCodeOf(reply) !== undefined);
}

/** What to say of an answer to a write that is not the wanted one, unless it refuses. Undefined as well where there is no `effect` to know of. */
export function unlessRefused(service: string, reply: Reply, effect: string | undefined): UscError | undefined {
  if (effect === undefined || refuses(reply)) return undefined;
  return lost(`${service} answered with an error of its own (HTTP ${reply.status}).`, effect, requestIdOf(reply));
}
