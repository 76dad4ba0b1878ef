import { type Cause, kinds, type Lab, nobody } from "./cause.ts";

const { unauthenticated, unavailable } = kinds;

/** Entra refuses, or is not there. */
export function loginCauses({ ready, control }: Lab): Record<string, Cause> {
  return {
    "a tenant that is not the vault's": {
      step: "entra",
      ...unauthenticated,
      calls: 1,
      target: { "tenant-id": nobody },
      sentence: new RegExp(`belongs to the tenant ${ready.tenant_id}, and the target \\S+ to ${nobody}`, "u"),
      hint: /target of the vault's tenant/u,
    },
    "an unknown tenant": {
      ...unauthenticated,
      calls: 1,
      argv: ["target", "test"],
      target: { "tenant-id": nobody },
      sentence: new RegExp(`the tenant ${nobody} does not exist in the cloud \\S+ \\(AADSTS90002\\)`, "u"),
      hint: /tenant id and the cloud/u,
    },
    "an unknown client": {
      step: "entra",
      ...unauthenticated,
      target: { "client-id": nobody },
      sentence: new RegExp(`the application ${nobody} is not in the tenant ${ready.tenant_id} \\(AADSTS700016\\)`, "u"),
      hint: /client id/u,
    },
    "a wrong secret": {
      step: "entra",
      ...unauthenticated,
      target: { "client-secret": "wrong~s3cret-canary" },
      sentence: /the client secret is wrong \(AADSTS7000215\)/u,
      hint: /usc target update azure/u,
    },
    "an expired secret": {
      step: "entra",
      ...unauthenticated,
      arrange: () => control("/client-secrets", "POST", { secret: "expired~s3cret-canary", expired: true }),
      target: { "client-secret": "expired~s3cret-canary" },
      sentence: /the client secret has expired \(AADSTS7000222\)/u,
      hint: /new secret/u,
    },
    "the secret's id instead of its value": {
      step: "entra",
      ...unauthenticated,
      target: { "client-secret": nobody },
      sentence: /the secret's id, not its value \(AADSTS7000215\)/u,
      hint: /The portal shows the value once/u,
    },
    "a disabled application": {
      step: "entra",
      ...unauthenticated,
      arrange: () => control("/applications", "PUT", { enabled: false }),
      sentence: /is disabled \(AADSTS7000112\)/u,
      hint: /Enable it/u,
    },
    "a login that is throttled": {
      ...unavailable,
      step: "entra",
      seen: true,
      calls: 2,
      argv: ["get", "--max-retries", "0"],
      arrange: () => control("/faults", "POST", { status: 429, path: "*/token", times: 9, retry_after: 7 }),
      sentence: /^Entra at 127\.0\.0\.1:\d+ takes no more logins at the moment: it is throttling \(HTTP 429\)\.$/u,
      hint: /later/u,
    },
    "a login host that is no Entra": {
      ...unavailable,
      step: "entra",
      seen: true,
      calls: 2,
      arrange: () => control("/faults", "POST", { status: 403, path: "*/token", times: 9, body: "<html>" }),
      sentence: /answered a login with something that is not Entra's \(HTTP 403\)/u,
      hint: /authority host of the cloud/u,
    },
  };
}
