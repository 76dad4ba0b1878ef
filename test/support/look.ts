import type { Reply } from "../emulator/support.ts";

/** How one name stands in a vault, as an independent client sees it: `absent`, `deleted`, `disabled`, or `live` with its newest value. */
export interface Look {
  is: string;
  /** Of a live one. */
  versions: number;
}

/** `get` asks the vault past usc. */
export function looker(get: (path: string) => Promise<Reply>): (name: string) => Promise<Look> {
  return async (name) => {
    const live = await get(`/secrets/${name}`);
    if (live.status === 404) return { is: (await get(`/deletedsecrets/${name}`)).status === 404 ? "absent" : "deleted", versions: 0 };
    const { json } = await get(`/secrets/${name}/versions`);
    return { is: live.status === 200 ? `live ${live.json.value}` : "disabled", versions: json.value.length };
  };
}
