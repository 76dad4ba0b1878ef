import type { UscError } from "../../kernel/errors.ts";
import type { Change } from "../../kernel/store.ts";
import type { Cloud, Target } from "../targets/model.ts";
import type { Limits } from "../targets/port.ts";
import type { Connector } from "./model.ts";
import type { AssociatedView, ItemView } from "./view.ts";

export type { AssociatedView, ItemView } from "./view.ts";

/** What is said of every item alike; absent: it stays. */
export interface ItemChange {
  description?: string | undefined;
  addTags?: readonly string[] | undefined;
  removeTags?: readonly string[] | undefined;
  deleteProtection?: boolean | undefined;
  /** All of them: those before go. */
  customFields?: Readonly<Record<string, string>> | undefined;
  modifiedAt?: string | undefined;
}

export interface OtherItem {
  key: string;
  tags: readonly string[];
  /** Asked for only of what is shown. */
  view(): Promise<ItemView>;
  /** What changes it, and gives it this path: nobody else may have changed it since. */
  changed(path: string, change: ItemChange): Change[];
}

/** Items of another kind, which share their names with connectors. That room stands above this one, so they come in from outside. */
export interface OtherItems {
  /** As `list-items --type` has it. */
  type: string;
  get(path: string): Promise<OtherItem | undefined>;
  list(prefix?: string): Promise<OtherItem[]>;
  /** Fails the commit that it is part of if one of them has this name. */
  vacant(path: string): Change;
  /** Those whose values are kept through a connector as well, by the connector's number. */
  through(connector: number): Promise<AssociatedView[]>;
  /** Names the command that deletes one of them. */
  refuseDelete(path: string): UscError;
}

export type { Limits } from "../targets/port.ts";

/** Turns a vault's name or URL into `https://host[:port]` of that cloud, or fails with `usage`. It is the adapter that knows which hosts a cloud has. */
export type VaultAddress = (cloud: Cloud, given: { name: string } | { url: string }) => { url: string; name: string };

/** What a call into a vault needs: where, as whom, and by which cloud's rules. */
export interface Vault {
  /** `https://host[:port]`. */
  url: string;
  cloud: Cloud;
  target: Target;
  connector: Connector;
  limits?: Limits;
}
