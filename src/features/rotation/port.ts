import type { Cloud, Target } from "../targets/model.ts";
import type { PasswordPolicy } from "./model.ts";

/** Whose credentials are changed, and by whom. */
export interface Subject {
  cloud: Cloud;
  /** As whom Azure is asked. */
  target: Target;
  /** What holds the credential: an application's id (client id), a user's principal name, or the place of a storage account. */
  holder: string;
  /** Which of the storage account's keys. */
  key?: string;
  policy?: PasswordPolicy;
}

/** A credential as Azure shows it: never its value. */
export interface Credential {
  keyId: string;
  /** The name that it was made with. */
  mark?: string | undefined;
  /** How its value begins. */
  hint?: string | undefined;
}

export interface Standing {
  credentials: Credential[];
  /** How many there may be, where that is known. */
  most?: number;
  /** Azure's own time when it answered, epoch milliseconds. */
  at?: number;
}

interface Made {
  keyId: string;
  secret: string;
}

/** Why a value could not be tried: it is neither proven nor refused. */
export interface Untried {
  why: string;
}

/** By where the new credential stands, and by who chooses it. Each fails with a `UscError` whose sentence says what is missing. */
export type Rotator = Beside | Given | Renewed;

/**
 * The new one stands beside the old. Every method may be called again with the same arguments after a kill or a lost answer, and does no harm.
 */
export interface Beside {
  is: "beside";
  /** What stands there. `not_found` where there is no such application, `usage` where its object id was given. */
  look(subject: Subject): Promise<Standing>;
  /**
   * Makes one more beside the others, under this mark, and shows its value this once. `conflict` where no room is for it; `unavailable` with the reason `lost` where it is not known whether it
   * was made: then `look` finds it by its mark, now or when Azure has replicated it.
   */
  stage(subject: Subject, mark: string): Promise<Made>;
  /** Logs in with it once, past every cache, in the cloud and tenant of the target. `unauthenticated` also while it has not replicated. */
  verify(subject: Subject, secret: string): Promise<void>;
  /** Removes this one alone. One that is gone is no failure. */
  retire(subject: Subject, keyId: string): Promise<void>;
}

/** The old one is worth nothing from the moment the new one is there, and the new one is what we say. */
export interface Given {
  is: "given";
  /** Only when it is at Azure, and that it may be asked. `not_found` where nothing is, if it may look. */
  look(subject: Subject): Promise<{ at?: number }>;
  choose(subject: Subject): string;
  /** Sets it, as often as it is told to. `unavailable` with the reason `lost` where it is not known whether it was set. */
  stage(subject: Subject, secret: string): Promise<void>;
  /** Logs in with it once, past every cache; `unauthenticated` also while it has not replicated. */
  verify(subject: Subject, secret: string): Promise<Untried | undefined>;
}

/** The old one is worth nothing from the moment the new one is there; Azure makes it, and shows it whenever it is asked. */
export interface Renewed {
  is: "renewed";
  /** `not_found` where there is no such key. */
  look(subject: Subject): Promise<{ secret: string; at?: number }>;
  /** Each call makes another. `unavailable` with the reason `lost` where it is not known whether it did: `look` tells. */
  stage(subject: Subject): Promise<string>;
}

/** By the kind of credential; each is loaded when it is used. */
export interface Rotators {
  "api-key": () => Promise<Beside>;
  target: () => Promise<Beside>;
  password: () => Promise<Given>;
  "azure-storage-account": () => Promise<Renewed>;
}

/** Secrets of the vaults that connectors lead to. Fails with a `UscError` by the house's table; a call ends within half a minute. */
export interface Remote {
  /** The name that this reference, a name or a full URL, has in the connector's vault. `usage` for what Key Vault does not take. Asks nobody. */
  nameOf(connector: string, reference: string): Promise<string>;
  /** Looks first, so that a value which stands there already makes no version. Gives the secret's id, without a version. */
  put(connector: string, name: string, value: string): Promise<string>;
  /** One that is gone is no failure. */
  remove(connector: string, name: string): Promise<void>;
}
