import type { Clock } from "../../kernel/clock.ts";
import type { Steps } from "../../kernel/steps.ts";
import type { ObjectAdapter, OpenVault } from "../objects/port.ts";

/** What the verbs of this room are made with. */
export interface Deps {
  adapter: ObjectAdapter;
  clock: Clock;
  steps: Steps;
  openVault: OpenVault;
  /** YAML as plain data, in which every scalar is a text. */
  readYaml: (text: string) => Promise<unknown>;
}
