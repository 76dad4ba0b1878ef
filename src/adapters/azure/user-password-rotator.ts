import type { Given } from "../../features/rotation/port.ts";
import { askGraph } from "./graph.ts";
import { graphRefusal } from "./graph-refusals.ts";
import { type AzureOptions, openSession } from "./index.ts";
import { newPassword } from "./password.ts";
import { timeOf } from "./transport.ts";
import { userLogin } from "./user-login.ts";

/** Passwords of users, by Microsoft Graph. */
export function userPasswordRotator(options: AzureOptions): Given {
  const session = openSession(options);
  return {
    is: "given",
    choose: ({ policy, holder }) => {
      if (policy === undefined) throw new TypeError("a user's item has a policy");
      return newPassword(policy, holder);
    },
    async look(subject) {
      const reply = await askGraph(session, subject, { method: "GET", path: `${pathOf(subject.holder)}?$select=id` });
      // To set a password is no right to look at the user.
      if (reply.status !== 200 && reply.status !== 403) throw graphRefusal(reply, subject, { of: "user" });
      return timeOf(reply);
    },
    async stage(subject, secret) {
      const effect = "whether the password was set";
      // Left out, the last of them is true: the user would have to change it at the next login, and nobody else could log in.
      const body = { passwordProfile: { password: secret, forceChangePasswordNextSignIn: false } };
      const reply = await askGraph(session, subject, { method: "PATCH", path: pathOf(subject.holder), body, effect });
      if (reply.status !== 204) throw graphRefusal(reply, subject, { effect, of: "user" });
    },
    verify: (subject, secret) => userLogin(session, subject, secret),
  };
}

/** A name that begins with `$` would be taken for a word of Graph's. */
function pathOf(user: string): string {
  return user.startsWith("$") ? `/users('${encodeURIComponent(user.replaceAll("'", "''"))}')` : `/users/${encodeURIComponent(user)}`;
}
