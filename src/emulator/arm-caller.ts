import { armErrors } from "./arm-errors.ts";
import type { Clock } from "./clock.ts";
import type { Directory } from "./directory.ts";
import type { Ask } from "./room.ts";
import { checkToken, type Caller, type Signer } from "./token.ts";

const audiences = [
  "https://management.azure.com",
  "https://management.azure.com/",
  "https://management.core.windows.net",
  "https://management.core.windows.net/",
];

/** Who asks ARM. Throws ArmFailure for a token that is none, or not for ARM. */
export function armCaller({ signer, directory, clock }: { signer: Signer; directory: Directory; clock: Clock }, ask: Ask): Caller {
  const token = /^Bearer ([^\s]+)$/i.exec(ask.header("authorization") ?? "")?.[1];
  if (token === undefined) throw armErrors.noToken();
  const now = clock.now();
  const check = checkToken(token, { signer, tenantId: directory.tenantId, audience: audiences, now });
  if (check.ok) return check.caller;
  if (check.why === "audience") throw armErrors.wrongAudience(check.found);
  if (check.why === "issuer") throw armErrors.wrongTenant(check.found, directory.tenantId);
  throw check.why === "expired" ? armErrors.expired(now) : armErrors.badToken();
}
