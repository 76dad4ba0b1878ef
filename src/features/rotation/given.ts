import { UscError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { wholeLine } from "../targets/find.ts";
import type { Target } from "../targets/model.ts";
import type { credentials, Content, PasswordPolicy, RotatorType } from "./model.ts";
import { type GivenPolicy, policyFrom, policyNames } from "./password-policy.ts";
import { storagePlace } from "./storage-place.ts";
import { requireClientSecret } from "./subject.ts";

/** What a creation says of whose credential it is. */
export interface GivenWhose extends GivenPolicy {
  "rotator-type": RotatorType;
  "authentication-credentials"?: "use-user-creds" | "use-self-creds" | "use-target-creds" | undefined;
  "app-id"?: string | undefined;
  "api-id"?: string | undefined;
  "api-key"?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  "storage-account-key-name"?: string | undefined;
  "explicitly-set-sa"?: boolean | undefined;
  "resource-group-name"?: string | undefined;
  "resource-name"?: string | undefined;
}

export interface Begun {
  whose: { "rotator-type": RotatorType; "authentication-credentials": (typeof credentials)[number]; policy?: PasswordPolicy };
  content: Content;
}

const fields: Readonly<Record<RotatorType, readonly (keyof GivenWhose)[]>> = {
  "api-key": ["app-id", "api-id", "api-key"],
  target: [],
  password: ["username", "password", ...policyNames],
  "azure-storage-account": ["storage-account-key-name", "explicitly-set-sa", "resource-group-name", "resource-name"],
};

/** What is kept of a new item by its kind; its first version where one was given. */
export function begunFrom(given: GivenWhose, target: Target, made: string): Begun {
  const type = given["rotator-type"];
  for (const [kind, names] of Object.entries(fields)) {
    // Some clients send every flag.
    const foreign = kind === type ? undefined : names.find((name) => given[name] !== undefined && given[name] !== false);
    if (foreign !== undefined) throw new UscError("usage", `--${foreign} does not belong to --rotator-type ${type}.`);
  }
  const asked = given["authentication-credentials"] ?? "use-target-creds";
  if ((type === "password" || type === "azure-storage-account") && asked !== "use-target-creds") {
    throw new UscError("usage", `--authentication-credentials ${asked} does not go with --rotator-type ${type}.`, {
      hint: "The target replaces it: --authentication-credentials use-target-creds",
    });
  }
  return kinds[type](given, target, made);
}

const kinds: Readonly<Record<RotatorType, (given: GivenWhose, target: Target, made: string) => Begun>> = {
  "api-key": apiKey,
  target(_, target, made) {
    const { client, secret } = requireClientSecret(target);
    return byTarget("target", { holder: client, versions: [{ version: 1, secret, ours: false, made }] });
  },
  password(given, _, made) {
    const { username, password } = given;
    if (username === undefined) throw missing("username", "The user principal name, such as ada@example.com.");
    if (!/^[^\s@/\\?]{1,64}@[^\s@/\\?]{1,256}$/u.test(username)) {
      throw new UscError("usage", "--username is not valid: expected a user principal name, such as ada@example.com.");
    }
    const versions = password === undefined ? [] : [{ version: 1, secret: wholeLine(password, "password"), ours: false, made }];
    return byTarget("password", { holder: username, versions }, policyFrom(given));
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
  const { "authentication-credentials": asked, "api-id": keyId, "api-key": secret } = given;
  const own = keyId !== undefined || secret !== undefined;
  if (own && (keyId === undefined || secret === undefined)) {
    throw new UscError("usage", `--${keyId === undefined ? "api-id" : "api-key"} is missing: the two belong together.`, {
      hint: "Without both, usc makes a client secret of its own.",
    });
  }
  const isUser = asked === undefined ? own : asked !== "use-target-creds";
  if (isUser && !own) {
    throw new UscError(
      "usage",
      "--api-id and --api-key are missing: --authentication-credentials use-user-creds rotates with the credential itself.",
      { hint: "Give both, or --authentication-credentials use-target-creds" },
    );
  }
  const holder = (given["app-id"] ?? target["client-id"])?.toLowerCase();
  if (holder === undefined) throw new UscError("usage", "--app-id is missing: the target has no application of its own.");
  const versions =
    keyId === undefined || secret === undefined
      ? []
      : [{ version: 1, "key-id": keyId.toLowerCase(), secret: wholeLine(secret, "api-key"), ours: false, made }];
  return {
    whose: { "rotator-type": "api-key", "authentication-credentials": isUser ? "use-user-creds" : "use-target-creds" },
    content: { holder, versions, strays: [] },
  };
}

const missing = (field: string, hint: string): UscError => new UscError("usage", `--${field} is missing.`, { hint });
