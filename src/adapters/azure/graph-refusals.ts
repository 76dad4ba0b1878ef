import type { Subject } from "../../features/rotation/port.ts";
import { type Code, UscError } from "../../kernel/errors.ts";
import { retryAfterMs } from "./persist.ts";
import { errorCodeOf, unlessRefused } from "./refused-write.ts";
import { requestIdOf, type Reply } from "./transport.ts";

const graph = "Microsoft Graph";

/** `effect`: what an answer of no use leaves unknown. `of`: whose credential it was about. */
interface About {
  effect?: string | undefined;
  of?: keyof typeof holders;
}

/** Graph's refusal as one of ours, by status and code alone: its messages quote what was sent. */
export function graphRefusal(reply: Reply, subject: Subject, { effect, of = "application" }: About = {}): UscError {
  const unknown = unlessRefused(graph, reply, effect);
  if (unknown !== undefined) return unknown;
  const after = retryAfterMs(reply);
  const [ours, sentence, hint] = told(reply.status, errorCodeOf(reply), subject, of);
  return new UscError(ours, sentence, {
    hint,
    requestId: requestIdOf(reply),
    retryAfter: after === undefined ? undefined : after / 1000,
  });
}

type Told = [code: Code, sentence: string, hint: string];

/** What it takes, where one is found, and what else Graph may say against a request of a form that is good. */
const holders = {
  application: {
    permission:
      "It needs Application.ReadWrite.OwnedBy (an application permission, with admin consent) and to be an owner of the application (az ad app owner add), or Application.ReadWrite.All. What was given a moment ago takes some minutes.",
    where: "Check --app-id, and the target's tenant and cloud.",
    bad: undefined,
  },
  user: {
    permission:
      "It needs User-PasswordProfile.ReadWrite.All (an application permission, with admin consent), and for a user who is an administrator a directory role above his, e.g. Privileged Authentication Administrator. What was given a moment ago takes some minutes.",
    where: "Check --username: it is the user principal name. Check the target's tenant and cloud.",
    bad: {
      sentence: "did not take the new password of",
      hint: "It does not comply with the tenant's rules: give it more characters (--password-length) and all sorts of them, or look which words the tenant bans.",
    },
  },
} as const;

function told(status: number, code: string | undefined, { target, holder, cloud }: Subject, of: keyof typeof holders): Told {
  const who = `the target ${target.name}`;
  const whom = `the ${of} ${holder}`;
  const { permission, where, bad } = holders[of];
  if (status === 429) return ["unavailable", `${graph} is throttling.`, "Repeat the command later."];
  if (status >= 500) return ["unavailable", `${graph} is not available at the moment (HTTP ${status}).`, "Repeat the command later."];
  if (code === undefined) {
    const at = cloud["graph-endpoint"];
    return ["unavailable", `${at} answered HTTP ${status} without saying why.`, "Check the Graph endpoint of the cloud, and the proxy."];
  }
  if (status === 401) return ["unauthenticated", `${graph} refused the token of ${who}.`, "Check the target's tenant and cloud."];
  if (code === "TooManyAppPasswords" || code === "Directory_ResourceSizeExceeded") {
    return [
      "conflict",
      `There is no room for one more client secret of ${whom}.`,
      "Remove one that nobody uses: az ad app credential list --id APP-ID",
    ];
  }
  if (status === 403) {
    return ["forbidden", `${graph} does not let ${who} change ${whom}.`, permission];
  }
  if (status === 404) {
    return ["not_found", `There is no ${of} ${holder} in the tenant of ${who}.`, where];
  }
  if (status === 400 && bad !== undefined) return ["conflict", `${graph} ${bad.sentence} ${whom}.`, bad.hint];
  return [
    "unavailable",
    `${graph} did not accept the request for ${whom} (HTTP ${status}, ${plain(code)}).`,
    "This may be a bug of usc: please report it.",
  ];
}

/** A code is a word; what is none is not repeated. */
const plain = (code: string): string => (/^[A-Za-z_]{1,60}$/.test(code) ? code : "an unknown code");
