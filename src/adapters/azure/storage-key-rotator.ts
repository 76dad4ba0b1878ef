import * as z from "zod/mini";
import type { Renewed, Subject } from "../../features/rotation/port.ts";
import { armAudienceOf } from "../../features/targets/clouds.ts";
import { UscError } from "../../kernel/errors.ts";
import { once } from "../../kernel/once.ts";
import { parseJson } from "./answers.ts";
import { armRefusal } from "./arm-refusals.ts";
import { authorised } from "./authorised.ts";
import { endpointOf } from "./endpoint.ts";
import { lost } from "./failures.ts";
import { type AzureOptions, openSession } from "./index.ts";
import type { Session } from "./session.ts";
import { requestIdOf, type Reply, timeOf } from "./transport.ts";

const Keys = once(() => {
  const text = z.string().check(z.minLength(1));
  return z.object({ keys: z.array(z.object({ keyName: text, value: text })) });
});
type Key = z.output<ReturnType<typeof Keys>>["keys"][number];

const limit = 1024 * 1024;
const version = "api-version=2024-01-01";

/** Keys of storage accounts, by Azure Resource Manager. */
export function storageKeyRotator(options: AzureOptions): Renewed {
  const session = openSession(options);
  return {
    is: "renewed",
    async look(subject) {
      // The others are shown to whoever asks for them.
      const more = isKerberos(subject) ? "&$expand=kerb" : "";
      const { keys, at } = await ask(session, subject, { path: `listKeys?${version}${more}` });
      const secret = named(subject, keys);
      if (secret !== undefined) return { secret, ...at };
      throw new UscError("not_found", `The storage account ${nameOf(subject)} has no key ${subject.key}.`, {
        hint: isKerberos(subject) ? "Kerberos keys are there where its files are open to an Active Directory." : undefined,
      });
    },
    async stage(subject) {
      const effect = `whether ${subject.key} was regenerated`;
      const { keys } = await ask(session, subject, { path: `regenerateKey?${version}`, body: { keyName: subject.key }, effect });
      const found = named(subject, keys);
      if (found !== undefined) return found;
      throw lost(`Azure Resource Manager answered without the key ${subject.key}.`, effect);
    },
  };
}

const isKerberos = ({ key = "" }: Subject): boolean => key.startsWith("kerb");
const nameOf = ({ holder }: Subject): string => holder.slice(holder.lastIndexOf("/") + 1);
const named = ({ key = "" }: Subject, keys: readonly Key[]): string | undefined =>
  keys.find(({ keyName }) => keyName.toLowerCase() === key)?.value;

interface Asking {
  /** Behind the account's own path. */
  path: string;
  body?: object;
  effect?: string;
}

async function ask(session: Session, subject: Subject, { path, body, effect }: Asking): Promise<{ keys: Key[]; at: { at?: number } }> {
  const { cloud, target, holder } = subject;
  const wanted = { ...(await session.wanted({ cloud, target })), audience: armAudienceOf(cloud) };
  const { origin, base } = endpointOf(wanted.cloud, "arm-endpoint");
  const more = { ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(effect === undefined ? {} : { effect }) };
  const asking = { is: "arm", method: "POST", origin, path: `${base}${holder}/${path}`, limit, ...more } as const;
  const reply = await authorised({ session, wanted, limits: undefined }, asking);
  const keys = reply.status === 200 ? parseJson(Keys(), reply.body)?.keys : undefined;
  if (keys !== undefined) return { keys, at: timeOf(reply) };
  if (effect !== undefined && !refuses(reply)) {
    throw lost(`Azure Resource Manager answered with an error of its own (HTTP ${reply.status}).`, effect, requestIdOf(reply));
  }
  throw armRefusal(reply, wanted, {
    denied: `Assign it the role Storage Account Key Operator Service Role on the storage account ${nameOf(subject)}.`,
    absent: "Check --resource-name and --resource-group-name, or the target's, and the target's subscription.",
  });
}

const Refusal = once(() => z.object({ error: z.object({ code: z.string() }) }));

/** Whether an answer to a write says that nothing was written. */
const refuses = ({ status, body }: Reply): boolean =>
  status === 429 || (status >= 400 && status < 500 && parseJson(Refusal(), body) !== undefined);
