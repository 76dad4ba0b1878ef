import type { Fault as Plan } from "../../src/emulator/faults.ts";
import type { Noun } from "../../src/features/objects/port.ts";
import type { Code } from "../../src/kernel/errors.ts";

/** What a vault must never be able to make usc say: it repeats what it was sent. */
export const canaries = {
  old: "VALUE-canary-of-old",
  new: "VALUE-canary-of-new",
  /** A line of a private key. */
  key: "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCanaryOfAKeyLine",
};

/**
 * One thing that goes wrong.
 *   codes      how a command may end under it; `ok` only if all is done
 *   heals      what comes through when it goes wrong once: nothing, reads, or writes as well; `login`: whatever needs only a new token
 *   lies       it is an answer of Key Vault's that is not true, so `ok` may rest on it; `absent`: usc may take it for the end of an object
 *   silent     it is over only when usc gives up waiting
 */
export interface Fault {
  plan: Partial<Plan>;
  codes: readonly Code[];
  heals?: "reads" | "all" | "login";
  lies?: "absent" | "busy";
  silent?: true;
}

const says = (status: number, code: string, inner?: string, more: Partial<Plan> = {}): Partial<Plan> => ({
  status,
  body: {
    error: {
      code,
      message: `${canaries.old} ${canaries.new} ${canaries.key} Bearer eyJ0.eyJ1.x`,
      ...(inner === undefined ? {} : { innererror: { code: inner } }),
    },
  },
  ...more,
});
const forbidden = (inner: string): Fault => ({ plan: says(403, "Forbidden", inner), codes: ["forbidden"] });
// A conflict is waited for where that may help, and a deletion that never shows is waited for to the end.
const conflict = (inner?: string): Fault => ({
  plan: says(409, "Conflict", inner),
  codes: ["conflict", "not_found", "unavailable"],
  lies: "busy",
});
const hiccup = (plan: Partial<Plan>): Fault => ({ plan, codes: ["unavailable"], heals: "reads" });
const broken = (plan: Partial<Plan>): Fault => ({ plan, codes: ["unavailable"] });

/** Under an answer that names the kind of object, it is the one that is asked for. */
export const faultsOf = (noun: Noun): readonly (readonly [string, Fault])[] => {
  const kind = noun === "secret" ? "Secret" : "Certificate";
  const all: [string, Fault][] = [
    ["400", { plan: says(400, "BadParameter"), codes: ["usage"] }],
    ["401", { plan: says(401, "Unauthorized"), codes: ["unauthenticated"], heals: "login" }],
    ["403 rbac", forbidden("ForbiddenByRbac")],
    ["403 policy", forbidden("ForbiddenByPolicy")],
    ["403 denied", forbidden("AccessDenied")],
    ["403 firewall", forbidden("ForbiddenByFirewall")],
    ["403 private", forbidden("ForbiddenByConnection")],
    ["403 disabled", { ...forbidden(`${kind}Disabled`), codes: ["forbidden", "conflict", "unavailable"], lies: "busy" }],
    ["403 bare", { plan: says(403, "Forbidden"), codes: ["forbidden", "conflict"], lies: "absent" }],
    ["404", { plan: says(404, `${kind}NotFound`), codes: ["not_found", "unavailable"], lies: "absent" }],
    ["404 pending", { plan: says(404, "PendingCertificateNotFound"), codes: ["not_found", "conflict", "unavailable"], lies: "absent" }],
    ["409 deleted", conflict("ObjectIsDeletedButRecoverable")],
    ["409 deleting", conflict("ObjectIsBeingDeleted")],
    ["409 bare", conflict()],
    ["429", { plan: says(429, "Throttled"), codes: ["unavailable"], heals: "all" }],
    ["429 after 3", { plan: says(429, "Throttled", undefined, { retry_after: 3 }), codes: ["unavailable"], heals: "all" }],
    ["500", hiccup(says(500, "ServerError"))],
    ["500 done", hiccup(says(500, "ServerError", undefined, { takes_effect: true }))],
    ["503", hiccup(says(503, "ServiceUnavailable"))],
    ["hang", { ...hiccup({ hold: "before" }), silent: true }],
    ["hang done", { ...hiccup({ hold: "after" }), silent: true }],
    ["reset", hiccup({ reset: "before" })],
    ["reset done", hiccup({ reset: "after" })],
    ["cut", hiccup({ cut: 10 })],
    ["garbage", broken({ status: 200, body: "<html>" })],
    ["garbage done", broken({ body: "<html>" })],
    ["redirect", broken({ status: 307, headers: { location: "https://127.0.0.1:1/followed" }, body: "" })],
  ];
  return noun === "secret" ? all : all.filter(([what]) => !ofSecretsAlone.includes(what));
};

/** The same answer in other words: what reads them does not look at the kind of object, and secrets are put to them. */
export const ofSecretsAlone = ["403 policy", "403 denied", "403 firewall", "403 private", "503"];

/** For what takes too long to be put to each: one of each kind; for what takes longest, fewer still. */
export const some: readonly string[] = [
  "400",
  "401",
  "403 rbac",
  "404",
  "404 pending",
  "409 deleted",
  "409 deleting",
  "409 bare",
  "429",
  "500 done",
  "reset",
  "reset done",
  "garbage done",
];
export const brief: readonly string[] = ["403 rbac", "404", "409 bare", "500 done", "reset"];
