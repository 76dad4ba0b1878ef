import type { Cloud, Target } from "../targets/model.ts";

/** Whose credentials are changed, and by whom. */
export interface Subject {
  cloud: Cloud;
  /** As whom Azure is asked. */
  target: Target;
  /** The application's id (client id). */
  application: string;
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
}

interface Made {
  keyId: string;
  secret: string;
}

/**
 * One kind of credential. Every method may be called again with the same arguments after a kill or a lost answer, and does no harm. Fails with a
 * `UscError` whose sentence says what is missing.
 */
export interface Rotator {
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
