import type { localAzure } from "./local-azure.ts";

/** What a target and a connector are made of where they are not the lab's own. */
export interface World {
  cloud?: Record<string, string>;
  target?: Record<string, string>;
  vault?: string;
  env?: Record<string, string>;
  /** What the local Azure is told before. */
  arrange?: () => Promise<unknown>;
  argv?: readonly string[];
}

export interface Cause extends World {
  code: string;
  exit: number;
  sentence: RegExp;
  hint: RegExp;
  /** Azure has seen the request and given it an id. */
  seen: boolean;
  /** Requests that are made in all; more would be retries. */
  calls: number;
  /** Where doctor finds it; absent where its own calls do not meet it. */
  step?: string;
}

export type Lab = Awaited<ReturnType<typeof localAzure>>;

export const nobody = "99999999-9999-4999-8999-999999999999";
/** What must not be said by any of them. */
export const canaries = ["wrong~s3cret-canary", "expired~s3cret-canary", "proxy-passw0rd", "eyJ", "v4lue-canary"];

/** What most causes of a kind have in common. */
export const kinds = {
  unauthenticated: { code: "unauthenticated", exit: 5, seen: true, calls: 2 },
  unavailable: { code: "unavailable", exit: 7, seen: false, calls: 1 },
  forbidden: { code: "forbidden", exit: 6, seen: true, calls: 3 },
};
