import * as z from "zod/mini";
import type { Limits } from "../../features/targets/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import { armRefusal } from "./arm-refusals.ts";
import type { Wanted } from "./credential.ts";
import { unreachable } from "./failures.ts";
import { persist } from "./persist.ts";
import { patienceOf, type Session } from "./session.ts";
import { requestIdOf, type Reply } from "./transport.ts";
import { formatOrigin, parseOrigin } from "./vault-url.ts";

/** Who asks ARM, by whose leave. */
export interface Asked {
  session: Session;
  /** With ARM's audience. */
  wanted: Wanted;
  limits: Limits | undefined;
}

const maxPages = 100_000;
const limit = 8 * 1024 * 1024;

/** A list of ARM's to its end: an empty page is none. Its links are followed within ARM's own host, and each once. */
export async function* armPages<S extends z.ZodMiniType>(asked: Asked, path: string, Row: () => S): AsyncGenerator<z.output<S>[]> {
  const Page = z.object({ value: z.array(Row()), nextLink: z.optional(z.nullable(z.string())) });
  const { origin, base } = placeOf(asked.wanted);
  const seen = new Set<string>();
  let next: string | undefined = `${base}${path}`;
  for (let pages = 0; next !== undefined && pages < maxPages && !seen.has(next); pages += 1) {
    seen.add(next);
    const reply = await get(asked, origin, next);
    const page = reply.status === 200 ? parseJson(Page, reply.body) : undefined;
    if (reply.status !== 200) throw armRefusal(reply, asked.wanted);
    if (page === undefined) {
      throw new UscError("unavailable", `${origin} answered something that is not Azure Resource Manager's.`, {
        requestId: requestIdOf(reply),
        hint: "Check the ARM endpoint of the cloud, and the proxy if there is one.",
      });
    }
    yield page.value;
    next = page.nextLink ? within(origin, page.nextLink) : undefined;
  }
  if (next !== undefined) throw new UscError("unavailable", `The list of ${origin} does not end.`);
}

/** One authorised GET. A token that ARM refuses is forgotten, and one more is asked for, unless it was new. */
async function get({ session, wanted, limits }: Asked, origin: string, path: string): Promise<Reply> {
  const patience = patienceOf(session, { limits });
  const send = async (token: string): Promise<Reply> => {
    const headers = { accept: "application/json", authorization: `Bearer ${token}` };
    const { reply, failure } = await persist(patience, "read", (withinMs) =>
      session.transport(wanted.cloud, { method: "GET", origin, path, limit, withinMs }).send({ headers }, withinMs),
    );
    if (failure !== undefined) throw unreachable(failure, { origin, is: "arm" });
    return reply;
  };
  const token = await session.tokens.get(wanted, patience);
  const reply = await send(token.text);
  return reply.status !== 401 || token.fresh ? reply : send((await session.tokens.get(wanted, patience, token.text)).text);
}

function placeOf({ cloud }: Wanted): { origin: string; base: string } {
  const [, origin = "", base = ""] = /^(https:\/\/[^/?#]+)(\/[^?#]*)?$/.exec(cloud["arm-endpoint"]) ?? [];
  if (parseOrigin(origin) === undefined) {
    throw new UscError("usage", `The ARM endpoint of the cloud ${cloud.name} is no https URL.`, { hint: "`usc cloud list` shows it." });
  }
  return { origin, base: base.replace(/\/+$/, "") };
}

/** The link's path, if it is ARM's own: the token goes nowhere else. */
function within(origin: string, link: string): string {
  const [, to = "", path = ""] = /^(https:\/\/[^/?#]+)(\/[!-~]{1,8000})$/.exec(link) ?? [];
  const [asked, own] = [parseOrigin(to), parseOrigin(origin)];
  if (asked !== undefined && own !== undefined && formatOrigin(asked) === formatOrigin(own)) return path;
  const host = /^[a-z]+:\/\/([\w.:-]{1,200})/i.exec(link)?.[1] ?? "another place";
  throw new UscError("unavailable", `The list of ${origin} goes on at ${host}, which is not Azure Resource Manager; it was not followed.`);
}
