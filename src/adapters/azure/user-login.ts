import type { Subject, Untried } from "../../features/rotation/port.ts";
import { graphAudienceOf } from "../../features/targets/clouds.ts";
import { UscError } from "../../kernel/errors.ts";
import { entraNumber, entraRefusal } from "./entra-refusals.ts";
import { askEntra } from "./entra-token.ts";
import { patienceOf, type Session } from "./session.ts";
import { proverOf } from "./token.ts";
import { requestIdOf } from "./transport.ts";

const wrongPassword = 50126;
const unknownUser = 50034;

/**
 * Logs in with a user's name and password, through the target's application; the token is thrown away. A tenant that wants a second factor, or no such
 * logins, says so by another number than that of a wrong password: then nothing is known of it. Entra counts the same wrong password once, so that asking
 * again locks nobody out.
 */
export async function userLogin(session: Session, { cloud, target, holder }: Subject, password: string): Promise<Untried | undefined> {
  const wanted = { ...(await session.wanted({ cloud, target })), audience: graphAudienceOf(cloud) };
  const { credential } = wanted;
  if (credential.type === "managed-identity" || credential.type === "azure-cli") {
    return { why: `the target ${target.name} is no application, through which a user could log in.` };
  }
  const prove = await proverOf(credential);
  const patience = patienceOf(session, { limits: { maxRetries: 0 } });
  const fields = { grant_type: "password", username: holder, password };
  const reply = await askEntra(session, wanted, credential, async (...at) => ({ ...(await prove(...at)), ...fields }), patience);
  if (reply.status === 200) return undefined;
  const number = entraNumber(reply);
  const login = cloud["authority-host"].slice("https://".length);
  if (number === undefined || reply.status === 429 || reply.status >= 500) {
    throw await entraRefusal(reply, wanted, credential, { login, now: session.clock.now() });
  }
  const requestId = requestIdOf(reply);
  if (number === wrongPassword) {
    throw new UscError("unauthenticated", `Entra refused the password of the user ${holder} (AADSTS${number}).`, {
      requestId,
      hint: "One that was set a moment ago may need a minute.",
    });
  }
  if (number === unknownUser) {
    throw new UscError("not_found", `There is no user ${holder} in the tenant of the target ${target.name} (AADSTS${number}).`, {
      requestId,
      hint: "Give the user principal name, as `az ad user list` shows it.",
    });
  }
  return { why: `Entra does not let usc log in as ${holder}, for another reason than the password (AADSTS${number}).` };
}
