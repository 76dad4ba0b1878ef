import type { Cloud } from "../targets/model.ts";

/** Turns a vault's name or URL into `https://host[:port]` of that cloud, or fails with `usage`. It is the adapter that knows which hosts a cloud has. */
export type VaultAddress = (cloud: Cloud, given: { name: string } | { url: string }) => { url: string; name: string };
