import { BadControl, longestMs, readerOf, type Reader } from "./control-input.ts";
import { everyKind, type Replication } from "./replication.ts";
import { userLogins, type GraphSettings, type Settings, type UserLogin } from "./settings.ts";

/**
 * Of `PUT /settings`: `"replication"` is one delay for all that the directory holds, or `{"applications", "servicePrincipals", "users",
 * "groups", "members", "secrets", "keys", "removals", "passwords", "arm"}`; it counts for what is written from now on. `"graph"` is
 * `{"perTenSeconds", "retryAfter", "secrets"}`, the last of them the number that one application can hold. `"userLogin"` says what a
 * user's password is worth at the token endpoint: "password", "mfa" or "blocked".
 */
export function readDirectorySettings(settings: Settings, body: Reader): Pick<Settings, "replication" | "graph" | "userLogin"> {
  return {
    replication: readReplication(settings.replication, body.raw("replication")),
    graph: readGraph(settings.graph, body.inner("graph")),
    userLogin: readUserLogin(body.text("userLogin")) ?? settings.userLogin,
  };
}

function readReplication(known: Replication, given: unknown): Replication {
  if (given === undefined) return known;
  const one = readerOf({ replication: given });
  if (typeof given !== "object") return everyKind(one.whole("replication", { max: longestMs }) ?? 0);
  const named = readerOf(given, '"replication"');
  const delayOf = (kind: string, before: number): number => named.whole(kind, { max: longestMs }) ?? before;
  const entries = Object.entries(known).map(([kind, before]) => [kind, delayOf(kind, before)]);
  named.end();
  return { ...known, ...Object.fromEntries(entries) };
}

function readGraph(known: GraphSettings, given: Reader | undefined): GraphSettings {
  if (given === undefined) return known;
  const perTenSeconds = given.whole("perTenSeconds", { max: 1e6 }) ?? known.perTenSeconds;
  const retryAfter = given.whole("retryAfter", { max: 86_400 }) ?? known.retryAfter;
  const secrets = given.whole("secrets", { min: 1, max: 10_000 }) ?? known.secrets;
  given.end();
  return { perTenSeconds: perTenSeconds || undefined, retryAfter, secrets };
}

function readUserLogin(given: string | undefined): UserLogin | undefined {
  const word = userLogins.find((each) => each === given);
  if (given !== undefined && word === undefined) throw new BadControl(`"userLogin" must be one of ${userLogins.join(", ")}.`);
  return word;
}
