import { isToken } from "../../kernel/bearer.ts";
import { UscError } from "../../kernel/errors.ts";
import type { Command } from "../../kernel/manifest.ts";
import { type Globals, isOn } from "./flags.ts";
import { readBytes } from "./gather.ts";

/** The gateway that a command is meant for: its address, a profile, or both. */
export interface Meant {
  url?: string | undefined;
  profile?: string | undefined;
  token?: string | undefined;
  /** It may be another machine without TLS. */
  insecure: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a command runs: undefined is here. A flag goes before the environment, whatever it is that the environment says. */
export function meantBy(command: Pick<Command, "name" | "local">, globals: Globals, environment: Environment): Meant | undefined {
  const { gatewayUrl, profile: named, token, tokenFile } = globals;
  const flagged = gatewayUrl !== undefined || named !== undefined;
  if (command.local === true) {
    if (!flagged) return undefined;
    throw new UscError("usage", `\`usc ${command.name}\` is of this machine alone: no gateway serves it.`, {
      hint: "Leave --gateway-url and --profile out.",
    });
  }
  const url = gatewayUrl ?? (named === undefined ? environment["USC_GATEWAY_URL"] : undefined);
  const profile = named ?? (environment["USC_PROFILE"] || undefined);
  if (gatewayUrl === "" || (!url && profile === undefined)) {
    if (token === undefined && tokenFile === undefined) return undefined;
    throw new UscError("usage", "A token is for a gateway, and none is named.", { hint: "Give --gateway-url or --profile." });
  }
  const shown = tokenOf(globals) ?? (named === undefined ? environment["USC_TOKEN"] || undefined : undefined);
  const insecure = isOn(globals.insecureGateway ?? environment["USC_INSECURE_GATEWAY"] === "true");
  return { url: url || undefined, profile, token: shown === undefined ? undefined : headerSafe(shown), insecure };
}

function tokenOf({ token, tokenFile }: Globals): string | undefined {
  if (tokenFile === undefined) return token;
  if (token !== undefined) throw new UscError("usage", "Give either --token or --token-file.");
  return readBytes(tokenFile, "token-file").toString();
}

/** A file of one line ends with a line break. */
function headerSafe(given: string): string {
  const token = given.trim();
  if (isToken(token)) return token;
  throw new UscError("usage", "That is no token: it is empty, or holds a space or a character beyond ASCII.", {
    hint: "`usc auth` gives one; --token-file and USC_TOKEN take it.",
  });
}
