import type { Target } from "../../features/targets/model.ts";
import type { Identity, Login } from "../../features/targets/port.ts";
import { present } from "../../kernel/present.ts";
import { ask, judge } from "./challenge.ts";
import { claimsOf } from "./claims.ts";
import type { Wanted } from "./credential.ts";
import { type AzureOptions, openSession } from "./index.ts";
import { patienceOf, type Session } from "./session.ts";
import type { Token } from "./token.ts";
import { vaultUrl } from "./vault-url.ts";

/** Asks Entra and vaults who is who, past every cache. */
export function azureLogin(options: AzureOptions): Login {
  const session = openSession(options);
  // Of a target that states no tenant its token does.
  const tenants = new WeakMap<Target, string>();
  return {
    async identify(cloud, target, limits) {
      const identity = await identify(session, { cloud, target, limits });
      if (identity.tenant !== undefined) tenants.set(target, identity.tenant);
      return identity;
    },
    async wish(cloud, target, given, onWish, limits) {
      const { url } = vaultUrl(cloud, { url: given });
      await askAndJudge(session, { url, cloud, target, limits }, onWish, tenants.get(target));
    },
  };
}

/** Always a new login. */
export async function identify(session: Session, place: Pick<Judged, "cloud" | "target" | "limits">): Promise<Identity> {
  const wanted = await session.wanted(place);
  return identityOf(await session.login(wanted, patienceOf(session, place)), wanted);
}

type Judged = Parameters<typeof judge>[0] & { limits?: Parameters<typeof patienceOf>[1]["limits"] };

/** `own`: the target's tenant, where it states none and its token did. */
export async function askAndJudge(session: Session, place: Judged, onWish: Parameters<Login["wish"]>[3], own?: string): Promise<void> {
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
  judge(place, (await session.wanted(place)).credential.tenant ?? own, { ...wish, requestId });
}

function identityOf({ text, expires }: Token, { credential, audience }: Wanted): Identity {
  const { oid, tid = credential.tenant, aud = audience, appid, idtyp } = claimsOf(text);
  // Of a person who is logged in to az it would be az's own.
  const client = "client" in credential ? credential.client : idtyp === "app" ? appid : undefined;
  return { ...present({ tenant: tid, client, objectId: oid }), audience: aud, expires };
}
