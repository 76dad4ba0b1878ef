import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import { armRefusal } from "./arm-refusals.ts";
import { type Asked, authorised } from "./authorised.ts";
import { endpointOf } from "./endpoint.ts";
import { requestIdOf } from "./transport.ts";
import { formatOrigin, parseOrigin } from "./vault-url.ts";

const maxPages = 100_000;
const limit = 8 * 1024 * 1024;

/** A list of ARM's to its end: an empty page is none. Its links are followed within ARM's own host, and each once. */
export async function* armPages<S extends z.ZodMiniType>(asked: Asked, path: string, Row: () => S): AsyncGenerator<z.output<S>[]> {
  const Page = z.object({ value: z.array(Row()), nextLink: z.optional(z.nullable(z.string())) });
  const { origin, base } = endpointOf(asked.wanted.cloud, "arm-endpoint");
  const seen = new Set<string>();
  let next: string | undefined = `${base}${path}`;
  for (let pages = 0; next !== undefined && pages < maxPages && !seen.has(next); pages += 1) {
    seen.add(next);
    const reply = await authorised(asked, { method: "GET", origin, path: next, limit, is: "arm" });
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

/** The link's path, if it is ARM's own: the token goes nowhere else. */
function within(origin: string, link: string): string {
  const [, to = "", path = ""] = /^(https:\/\/[^/?#]+)(\/[!-~]{1,8000})$/.exec(link) ?? [];
  const [asked, own] = [parseOrigin(to), parseOrigin(origin)];
  if (asked !== undefined && own !== undefined && formatOrigin(asked) === formatOrigin(own)) return path;
  const host = /^[a-z]+:\/\/([\w.:-]{1,200})/i.exec(link)?.[1] ?? "another place";
  throw new UscError("unavailable", `The list of ${origin} goes on at ${host}, which is not Azure Resource Manager; it was not followed.`);
}
