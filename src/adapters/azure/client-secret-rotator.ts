import * as z from "zod/mini";
import type { Beside, Credential, Standing, Subject } from "../../features/rotation/port.ts";
import { graphAudienceOf } from "../../features/targets/clouds.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { once } from "../../kernel/once.ts";
import { parseJson } from "./answers.ts";
import { askGraph, read } from "./graph.ts";
import { graphRefusal } from "./graph-refusals.ts";
import { type AzureOptions, openSession } from "./index.ts";
import { patienceOf, type Session } from "./session.ts";
import { timeOf } from "./transport.ts";

const Application = once(() => {
  const text = z.optional(z.nullable(z.string()));
  return z.object({
    appId: z.string(),
    signInAudience: text,
    passwordCredentials: z.array(z.object({ keyId: z.string(), displayName: text, hint: text })),
  });
});
const Added = once(() => z.object({ keyId: z.guid(), secretText: z.string().check(z.minLength(1)) }));

/** What personal accounts may log in to holds so many passwords. */
const mostPersonal = 2;

/** Client secrets of applications, by Microsoft Graph. */
export function clientSecretRotator(options: AzureOptions): Beside {
  const session = openSession(options);
  return {
    is: "beside",
    look: (subject) => look(session, subject),
    async stage(subject, mark) {
      const effect = "whether the secret was made";
      const body = { passwordCredential: { displayName: mark } };
      const reply = await askGraph(session, subject, { method: "POST", path: `${pathOf(subject)}/addPassword`, body, effect });
      const { keyId, secretText } = read(reply, Added(), subject, effect);
      return { keyId, secret: secretText };
    },
    async verify({ cloud, target, holder }, secret) {
      const given = { ...target, "connection-type": "credentials" as const, "client-id": holder, "client-secret": secret };
      const wanted = { ...(await session.wanted({ cloud, target: given })), audience: graphAudienceOf(cloud) };
      await session.login(wanted, patienceOf(session, { limits: { maxRetries: 0 } }));
    },
    async retire(subject, keyId) {
      const reply = await askGraph(session, subject, { method: "POST", path: `${pathOf(subject)}/removePassword`, body: { keyId } });
      if (reply.status === 204) return;
      // Graph says by a text alone that it knows no such key, and for a moment of many things that they are not there.
      if ((reply.status !== 400 && reply.status !== 404) || (await isThere(session, subject, keyId))) throw graphRefusal(reply, subject);
    },
  };
}

async function look(session: Session, subject: Subject): Promise<Standing> {
  const { application, at } = await findApplication(session, subject);
  const { passwordCredentials, signInAudience } = application;
  const isPersonal = signInAudience?.includes("PersonalMicrosoftAccount") === true;
  return {
    credentials: passwordCredentials.map(shown),
    ...(isPersonal ? { most: mostPersonal } : {}),
    ...at,
  };
}

/** Without its application a credential is gone as well. */
const isThere = (session: Session, subject: Subject, keyId: string): Promise<boolean> =>
  findApplication(session, subject).then(
    ({ application }) => application.passwordCredentials.some((each) => each.keyId === keyId),
    (error: unknown) => {
      if (isCode(error, "not_found")) return false;
      throw error;
    },
  );

const shown = ({ keyId, displayName, hint }: z.output<ReturnType<typeof Application>>["passwordCredentials"][number]): Credential => ({
  keyId,
  mark: displayName ?? undefined,
  hint: hint ?? undefined,
});

const pathOf = ({ holder }: Subject): string => `/applications(appId='${encodeURIComponent(holder)}')`;
const select = "?$select=appId,signInAudience,passwordCredentials";

interface Found {
  application: z.output<ReturnType<typeof Application>>;
  at: { at?: number };
}

async function findApplication(session: Session, subject: Subject): Promise<Found> {
  const reply = await askGraph(session, subject, { method: "GET", path: `${pathOf(subject)}${select}` });
  if (reply.status !== 404) return { application: read(reply, Application(), subject), at: timeOf(reply) };
  const byObject = await askGraph(session, subject, {
    method: "GET",
    path: `/applications/${encodeURIComponent(subject.holder)}${select}`,
  });
  const found = byObject.status === 200 ? parseJson(Application(), byObject.body) : undefined;
  if (found === undefined) throw graphRefusal(reply, subject);
  throw new UscError("usage", `${subject.holder} is the object id of an application; its application id is ${found.appId}.`, {
    hint: `Give --app-id ${found.appId}`,
  });
}
