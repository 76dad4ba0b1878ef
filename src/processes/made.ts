import type { ThreadStart } from "../house.ts";
import type { Manifest } from "../kernel/manifest.ts";
import type { Shape } from "../kernel/shape.ts";

/** What the build wrote down, beside the program. */
export interface Made {
  manifest: () => Manifest;
  shapes: () => Readonly<Record<string, Shape>>;
  asset: (file: string) => Uint8Array;
  /** A thread of the program, by its entry's name. */
  thread: (name: string) => ThreadStart;
}
