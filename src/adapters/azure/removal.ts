import { isCode } from "../../kernel/errors.ts";
import type { Deleted, ObjectProperties, Purge, Recovery, Vault } from "../../features/objects/port.ts";
import { refusal, refusalCodes } from "./errors.ts";
import { lookedUp, orAbsent } from "./looked-up.ts";
import { answered, getDeleted, getObject, serviceVersion, type Wire } from "./read.ts";
import { type ClientOf, throughSdk } from "./sdk.ts";
import { call, type Session } from "./session.ts";

/** How the SDK deletes and purges one kind of object. */
interface Sdk<Client> {
  client: ClientOf<Client>;
  delete: (client: Client, name: string) => Promise<unknown>;
  purge: (client: Client, name: string) => Promise<unknown>;
}

/** What ends an object of one kind, and brings it back. */
export const removalOf = <Item extends ObjectProperties, Client>(wire: Wire<Item>, sdk: Sdk<Client>) => ({
  delete: (session: Session, vault: Vault, name: string): Promise<Deleted<Item>> =>
    lookedUp(
      session,
      vault,
      () => sendDeletion(session, vault, wire, sdk, name),
      async () => {
        const deleted = session.clock.now();
        const gone = await getDeleted(session, vault, wire, name);
        if (gone !== undefined) return { deleted, ...gone };
        if (await isLive(session, vault, wire, name)) return undefined;
        // Not here and not there yet: on its way.
        return { ...wire.unseen({ id: `${vault.url}${wire.path}/${name}`, name, enabled: true, tags: {} }), deleted };
      },
    ),

  recover: (session: Session, vault: Vault, name: string): Promise<Recovery> =>
    lookedUp(
      session,
      vault,
      () => sendRecovery(session, vault, wire, name),
      async () => ((await isLive(session, vault, wire, name)) ? "live" : undefined),
    ),

  purge: (session: Session, vault: Vault, name: string): Promise<Purge> =>
    lookedUp(
      session,
      vault,
      () => sendPurge(session, vault, wire, sdk, name),
      async () => {
        if ((await getDeleted(session, vault, wire, name)) !== undefined) return undefined;
        // A live one never was among the deleted, so nothing of it was purged. Who may purge need not be allowed to look.
        const live = await isLive(session, vault, wire, name).catch((error: unknown) => {
          if (!isCode(error, "forbidden")) throw error;
          return false;
        });
        return live ? "absent" : "purged";
      },
    ),
});

async function isLive(session: Session, vault: Vault, wire: Wire, name: string): Promise<boolean> {
  try {
    await getObject(session, vault, wire, name);
    return true;
  } catch (error) {
    if (isCode(error, "forbidden", "disabled")) return true;
    return orAbsent(error) ?? false;
  }
}

/** One request. The SDK's poller would wait for the deletion to become visible; the port leaves that to its caller. */
async function sendDeletion<Item extends ObjectProperties, Client>(
  session: Session,
  vault: Vault,
  wire: Wire<Item>,
  sdk: Sdk<Client>,
  name: string,
): Promise<Deleted<Item>> {
  const effect = `whether the ${wire.noun} ${name} was deleted`;
  const reply = await throughSdk(session, vault, effect, sdk.client, (client) => sdk.delete(client, name));
  if (reply.status !== 200) throw refusal(reply, vault, name, wire.noun);
  return answered(wire.Deleted, reply, vault);
}

/** Not through the SDK: its poller first reads the live object, and would take that for the answer. */
async function sendRecovery(session: Session, vault: Vault, wire: Wire, name: string): Promise<Recovery> {
  const effect = `whether the recovery of ${name} has begun`;
  const path = `${wire.deletedPath}/${name}/recover?api-version=${serviceVersion}`;
  const reply = await call(session, vault, { method: "POST", path, effect });
  if (reply.status === 200) {
    answered(wire.Row, reply, vault);
    return "recovering";
  }
  const { code, inner } = refusalCodes(reply);
  if (reply.status === 400 && inner === "RequestNotAllowedOnNonDeletedObject") return "live";
  if (reply.status === 409 && inner !== undefined && inner.startsWith("ObjectIsBeing")) return "deleting";
  if (reply.status === 404 && code === wire.absent) return "absent";
  throw refusal(reply, vault, name, wire.noun);
}

async function sendPurge<Client>(session: Session, vault: Vault, wire: Wire, sdk: Sdk<Client>, name: string): Promise<Purge> {
  const effect = `whether the ${wire.noun} ${name} was purged`;
  const reply = await throughSdk(session, vault, effect, sdk.client, (client) => sdk.purge(client, name));
  if (reply.status === 204) return "purged";
  const { code, inner } = refusalCodes(reply);
  if (reply.status === 409 && inner === "ObjectIsBeingDeleted") return "deleting";
  if (reply.status === 404 && code === wire.absent) return "absent";
  // Purge protection has no inner code of its own; what a role, a policy or a firewall refuses has one.
  if (reply.status === 403 && code === "Forbidden" && inner === undefined) return "protected";
  throw refusal(reply, vault, name, wire.noun);
}
