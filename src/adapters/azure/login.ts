import * as z from "zod/mini";
import type { Identity, Login } from "../../features/targets/port.ts";
import { parseJson } from "./answers.ts";
import { ask, judge } from "./challenge.ts";
import { type AzureOptions, openSession } from "./index.ts";
import { patienceOf, type Session } from "./session.ts";
import { fetchToken, type Token } from "./token.ts";
import { vaultUrl } from "./vault-url.ts";

const Claims = z.object({
  oid: z.optional(z.guid()),
  tid: z.optional(z.guid()),
  aud: z.optional(z.string().check(z.regex(/^[\w.:/-]{1,200}$/))),
});

/** Asks Entra and vaults who is who, past every cache. */
export function azureLogin(options: AzureOptions): Login {
  const session = openSession(options);
  return {
    async identify(cloud, target, limits) {
      const token = await fetchToken(session.transport, cloud, target, patienceOf(session, { limits }));
      return identityOf(token, { tenant: target["tenant-id"], audience: cloud["key-vault-audience"] });
    },
    async wish(cloud, target, given, onWish, limits) {
      const { url } = vaultUrl(cloud, { url: given });
      await askAndJudge(session, { url, cloud, target, limits }, onWish);
    },
  };
}

type Judged = Parameters<typeof judge>[0] & { limits?: Parameters<typeof patienceOf>[1]["limits"] };

export async function askAndJudge(session: Session, place: Judged, onWish: Parameters<Login["wish"]>[3]): Promise<void> {
  const patience = patienceOf(session, place);
  const dial = () =>
    session.transport(place.cloud, {
      method: "GET",
      origin: place.url,
      path: "/secrets?api-version=7.4",
      limit: 64 * 1024,
      withinMs: session.perRequestMs,
    });
  const { requestId, ...wish } = await ask(place, patience, dial);
  onWish(wish);
  judge(place, { ...wish, requestId });
}

/** Read, and not verified: it only tells, and decides nothing. A token that cannot be read is still one. */
export function identityOf({ text, expires }: Token, asked: { tenant: string; audience: string }): Identity {
  const payload = Buffer.from(text.split(".")[1] ?? "", "base64url").toString();
  const { oid, tid = asked.tenant, aud = asked.audience } = parseJson(Claims, payload) ?? {};
  return { tenant: tid, ...(oid === undefined ? {} : { objectId: oid }), audience: aud, expires };
}
