import { createStorageManagement, type StorageManagementContext } from "@azure/arm-storage/api";
import { listKeys, regenerateKey } from "@azure/arm-storage/api/storageAccounts";
import { createEmptyPipeline, type HttpClient } from "@azure/core-rest-pipeline";
import * as z from "zod/mini";
import type { Renewed, Subject } from "../../features/rotation/port.ts";
import { armAudienceOf } from "../../features/targets/clouds.ts";
import { UscError } from "../../kernel/errors.ts";
import { once } from "../../kernel/once.ts";
import { present } from "../../kernel/present.ts";
import { armRefusal } from "./arm-refusals.ts";
import { authorised } from "./authorised.ts";
import { endpointOf } from "./endpoint.ts";
import { lost } from "./failures.ts";
import { overTransport } from "./http-client.ts";
import { type AzureOptions, openSession } from "./index.ts";
import { unlessRefused } from "./refused-write.ts";
import type { Session } from "./session.ts";
import { timeOf } from "./transport.ts";

const Keys = once(() => {
  const text = z.string().check(z.minLength(1));
  return z.object({ keys: z.array(z.object({ keyName: text, value: text })) });
});
type Key = z.output<ReturnType<typeof Keys>>["keys"][number];

const limit = 1024 * 1024;
const arm = "Azure Resource Manager";
// The client's own is newer than what every cloud has; nothing that is read here has changed since.
const apiVersion = "2024-01-01";

/** Keys of storage accounts, by Azure Resource Manager. */
export function storageKeyRotator(options: AzureOptions): Renewed {
  const session = openSession(options);
  return {
    is: "renewed",
    async look(subject) {
      // The others are shown to whoever asks for them.
      const more = isKerberos(subject) ? ({ expand: "kerb" } as const) : {};
      const { keys, at } = await ask(session, subject, (...account) => listKeys(...account, more));
      const secret = named(subject, keys);
      if (secret !== undefined) return { secret, ...at };
      throw new UscError("not_found", `The storage account ${nameOf(subject)} has no key ${subject.key}.`, {
        hint: isKerberos(subject) ? "Kerberos keys are there where its files are open to an Active Directory." : undefined,
      });
    },
    async stage(subject) {
      const effect = `whether ${subject.key} was regenerated`;
      const { key: keyName = "" } = subject;
      const { keys } = await ask(session, subject, (...account) => regenerateKey(...account, { keyName }), effect);
      const found = named(subject, keys);
      if (found !== undefined) return found;
      throw lost(`${arm} answered without the key ${subject.key}.`, effect);
    },
  };
}

const isKerberos = ({ key = "" }: Subject): boolean => key.startsWith("kerb");
const nameOf = ({ holder }: Subject): string => holder.slice(holder.lastIndexOf("/") + 1);
const named = ({ key = "" }: Subject, keys: readonly Key[]): string | undefined =>
  keys.find(({ keyName }) => keyName.toLowerCase() === key)?.value;

type Account = [context: StorageManagementContext, group: string, name: string];

// Nobody asks for it: the pipeline has no policy that would.
const noCredential = { getToken: async () => null };

/** The account as the client wants it named. Without policies: see `graph.ts`. */
function accountOf({ holder }: Subject, options: { endpoint: string; httpClient: HttpClient }): Account {
  const path = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Storage\/storageAccounts\/([^/]+)$/;
  const [, subscription, group, name] = path.exec(holder) ?? [];
  if (subscription === undefined || group === undefined || name === undefined) throw new TypeError("a storage key's item has an account");
  return [
    createStorageManagement(noCredential, subscription, { ...options, apiVersion, pipeline: createEmptyPipeline() }),
    decodeURIComponent(group),
    name,
  ];
}

async function ask(
  session: Session,
  subject: Subject,
  use: (...account: Account) => Promise<unknown>,
  effect?: string,
): Promise<{ keys: Key[]; at: { at?: number } }> {
  const { cloud, target } = subject;
  const wanted = { ...(await session.wanted({ cloud, target })), audience: armAudienceOf(cloud) };
  const { origin, base } = endpointOf(cloud, "arm-endpoint");
  const asking = { is: "arm", origin, limit, ...present({ effect }) } as const;
  const { reply, read } = await overTransport(
    { client: "Azure Storage", origin, send: (built) => authorised({ session, wanted, limits: undefined }, { ...asking, ...built }) },
    async (httpClient) => use(...accountOf(subject, { endpoint: `${origin}${base}`, httpClient })),
  );
  const answered = Keys().safeParse(read);
  if (answered.success) return { keys: answered.data.keys, at: timeOf(reply) };
  throw (
    unlessRefused(arm, reply, effect) ??
    armRefusal(reply, wanted, {
      denied: `Assign it the role Storage Account Key Operator Service Role on the storage account ${nameOf(subject)}.`,
      absent: "Check --resource-name and --resource-group-name, or the target's, and the target's subscription.",
    })
  );
}
