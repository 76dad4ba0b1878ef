import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** An `az` in a folder of its own, that does what `script` says (sh) and keeps its words and its folder in `said`. */
export function fakeAz(folder: string, script: string): { path: string; said: string } {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const said = join(folder, "said");
  writeFileSync(join(bin, "az"), `#!/bin/sh\nprintf '%s\\n' "$PWD" "$@" > '${said}'\nenv >> '${said}'\n${script}\n`);
  chmodSync(join(bin, "az"), 0o755);
  return { path: bin, said };
}

/** What az prints for a token that ends at `expires`, in epoch seconds. */
export const azPrints = (accessToken: string, expires: number): string =>
  `cat <<'END'\n${JSON.stringify({ accessToken, expiresOn: "2026-01-01 00:00:00.000000", expires_on: expires, tokenType: "Bearer" })}\nEND`;
