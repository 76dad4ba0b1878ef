import { UscError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { wholeLine } from "../targets/find.ts";
import type { Target } from "../targets/model.ts";
import type { credentials, Content, PasswordPolicy, RotatorType } from "./model.ts";
import { requireOwn } from "./own-fields.ts";
import { type GivenPolicy, policyFrom } from "./password-policy.ts";
import { storagePlace } from "./storage-place.ts";
import { requireClientSecret } from "./subject.ts";

interface GivenCredential {
  "api-id"?: string | undefined;
  "api-key"?: string | undefined;
  password?: string | undefined;
}

/** What a creation says of whose credential it is. */
export interface GivenWhose extends GivenPolicy, GivenCredential {
  "rotator-type": RotatorType;
  "authentication-credentials"?: "use-user-creds" | "use-self-creds" | "use-target-creds" | undefined;
  "app-id"?: string | undefined;
  username?: string | undefined;
  "storage-account-key-name"?: string | undefined;
  "explicitly-set-sa"?: boolean | undefined;
  "resource-group-name"?: string | undefined;
  "resource-name"?: string | undefined;
}

export interface Begun {
  whose: { "rotator-type": RotatorType; "authentication-credentials": (typeof credentials)[number]; policy?: PasswordPolicy };
  content: Content;
}

/** A credential that somebody else has made. */
export interface Credential {
  /** Of client secrets. */
  "key-id"?: string;
  secret: string;
}

/** The credential that was given, if one was. */
export function credentialFrom({ "api-id": keyId, "api-key": secret, password }: GivenCredential): Credential | undefined {
  if (password !== undefined) return { secret: wholeLine(password, "password") };
  if (keyId === undefined && secret === undefined) return undefined;
  if (keyId !== undefined && secret !== undefined) return { "key-id": keyId.toLowerCase(), secret: wholeLine(secret, "api-key") };
  throw new UscError("usage", `--${keyId === undefined ? "api-id" : "api-key"} is missing: the two belong together.`, {
    hint: "Give both, or none.",
  });
}

const versionsFrom = (given: GivenCredential, made: string): Content["versions"] => {
  const credential = credentialFrom(given);
  return credential === undefined ? [] : [{ version: 1, ...credential, ours: false, made }];
};

/** What is kept of a new item by its kind; its first version where one was given. */
export function begunFrom(given: GivenWhose, target: Target, made: string): Begun {
  const type = given["rotator-type"];
  requireOwn(type, given);
  const asked = given["authentication-credentials"] ?? "use-target-creds";
  if ((type === "password" || type === "azure-storage-account") && asked !== "use-target-creds") {
    throw withoutItself(type, asked);
  }
  return kinds[type](given, target, made);
}

/** Where there is no credential that could replace itself. */
export function withoutItself(type: RotatorType, asked: string): UscError {
  const why =
    type === "api-key"
      ? "--api-id and --api-key are missing: --authentication-credentials use-user-creds rotates with the credential itself."
      : `--authentication-credentials ${asked} does not go with --rotator-type ${type}.`;
  const hint = type === "api-key" ? "Give both, or" : "The target replaces it:";
  return new UscError("usage", why, { hint: `${hint} --authentication-credentials use-target-creds` });
}

const kinds: Readonly<Record<RotatorType, (given: GivenWhose, target: Target, made: string) => Begun>> = {
  "api-key": apiKey,
  target(_, target, made) {
    const { client, secret } = requireClientSecret(target);
    return byTarget("target", { holder: client, versions: [{ version: 1, secret, ours: false, made }] });
  },
  password(given, _, made) {
    const { username } = given;
    if (username === undefined) throw missing("username", "The user principal name, such as ada@example.com.");
    if (!/^[^\s@/\\?]{1,64}@[^\s@/\\?]{1,256}$/u.test(username)) {
      throw new UscError("usage", "--username is not valid: expected a user principal name, such as ada@example.com.");
    }
    return byTarget("password", { holder: username, versions: versionsFrom(given, made) }, policyFrom(given));
  },
  "azure-storage-account"(given, target) {
    const key = given["storage-account-key-name"];
    if (key === undefined) throw missing("storage-account-key-name", "It is key1, key2, kerb1 or kerb2.");
    return byTarget("azure-storage-account", { holder: storagePlace(given, target), key, versions: [] });
  },
};

const byTarget = (type: RotatorType, content: Omit<Content, "strays">, policy?: PasswordPolicy): Begun => ({
  whose: { "rotator-type": type, "authentication-credentials": "use-target-creds", ...present({ policy }) },
  content: { ...content, strays: [] },
});

function apiKey(given: GivenWhose, target: Target, made: string): Begun {
  const { "authentication-credentials": asked } = given;
  const versions = versionsFrom(given, made);
  const isOwn = versions.length > 0;
  const isUser = asked === undefined ? isOwn : asked !== "use-target-creds";
  if (isUser && !isOwn) {
    throw withoutItself("api-key", "use-user-creds");
  }
  const holder = (given["app-id"] ?? target["client-id"])?.toLowerCase();
  if (holder === undefined) throw new UscError("usage", "--app-id is missing: the target has no application of its own.");
  return {
    whose: { "rotator-type": "api-key", "authentication-credentials": isUser ? "use-user-creds" : "use-target-creds" },
    content: { holder, versions, strays: [] },
  };
}

const missing = (field: string, hint: string): UscError => new UscError("usage", `--${field} is missing.`, { hint });
