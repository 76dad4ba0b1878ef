import { createSecret, isShown, type ClientSecret } from "./client-secrets.ts";
import type { Application, ServicePrincipal } from "./directory.ts";
import { membersOf, textIn, timeIn, type Body } from "./graph-body.ts";
import { noContent, ok, type GraphCall, type GraphRoute } from "./graph-call.ts";
import { demandOwner } from "./graph-entries.ts";
import { graphErrors } from "./graph-errors.ts";
import { find, type Kind } from "./graph-kinds.ts";
import { applicationDefaults } from "./graph-properties.ts";
import { showSecret } from "./graph-shapes.ts";
import { arrivalAfter } from "./replication.ts";
import type { Answer } from "./room.ts";

type Holder = Application | ServicePrincipal;

const resource = "PasswordCredential";
const twoYears = 2;

/** `addPassword` and `removePassword`, of applications and of service principals. */
export function secretRoutes<T extends Holder>(kind: Kind<T>): GraphRoute[] {
  const path = `/${kind.collection.toLowerCase()}/{id}`;
  return [
    { method: "POST", path: `${path}/addpassword`, needs: kind.writes, run: (call) => add(call, kind) },
    { method: "POST", path: `${path}/removepassword`, needs: kind.writes, run: (call) => remove(call, kind) },
  ];
}

function add<T extends Holder>(call: GraphCall, kind: Kind<T>): Answer {
  const holder = find(call, kind, call.params["id"] ?? "");
  demandOwner(call, holder);
  checkRoom(call, holder);
  const secret = readSecret(call, membersOf(call.body["passwordCredential"] ?? {}));
  holder.secrets.push(secret);
  const shown = showSecret(secret, secret.secret);
  const answer = ok(call, "microsoft.graph.passwordCredential", kind.name === "application" ? shown : { ...shown, hint: null });
  return { ...answer, headers: { location: call.base.replace(/\/v1\.0$/, "") } };
}

/** Graph chooses secret and key id; whatever a client says of them is not heard. */
export function readSecret({ now, settings }: GraphCall, given: Body | undefined): ClientSecret {
  if (given === undefined) throw graphErrors.badValue("passwordCredential", resource);
  const startsAt = timeIn(given, "startDateTime", resource) ?? now;
  const endsAt = timeIn(given, "endDateTime", resource) ?? yearsAfter(startsAt, twoYears);
  if (endsAt <= startsAt) throw graphErrors.badDates();
  return createSecret({
    displayName: textIn(given, "displayName", resource) ?? null,
    customKeyIdentifier: textIn(given, "customKeyIdentifier", resource) ?? null,
    startsAt,
    endsAt,
    arrives: arrivalAfter(settings.replication.secrets, now),
    shows: arrivalAfter(settings.replication.keys, now),
  });
}

function yearsAfter(ms: number, years: number): number {
  const date = new Date(ms);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}

/** An application that personal accounts may log in to holds two. */
function checkRoom({ settings }: GraphCall, holder: Holder): void {
  const kept = holder.secrets.filter(({ leaves }) => leaves === undefined).length;
  const audience = holder.properties["signInAudience"] ?? applicationDefaults["signInAudience"];
  const isPersonal = "federated" in holder && typeof audience === "string" && audience.includes("PersonalMicrosoftAccount");
  if (isPersonal && kept >= 2) throw graphErrors.tooManyPasswords(kept + 1, 2);
  if (kept >= settings.graph.secrets) throw graphErrors.tooManySecrets();
}

/** It logs in until its removal has replicated. One that was just added may not be known yet. */
function remove<T extends Holder>(call: GraphCall, kind: Kind<T>): Answer {
  const { now, settings } = call;
  const holder = find(call, kind, call.params["id"] ?? "");
  demandOwner(call, holder);
  const keyId = textIn(call.body, "keyId", resource);
  if (keyId === undefined) throw graphErrors.missing("keyId", resource);
  const found = holder.secrets.find((secret) => secret.keyId === keyId.toLowerCase() && isShown(secret, now));
  if (found === undefined) throw graphErrors.unknownKey(keyId);
  found.leaves = arrivalAfter(settings.replication.removals, now);
  holder.secrets = holder.secrets.filter(({ leaves = Infinity }) => now < leaves);
  return noContent;
}
