import type { Directory } from "./directory.ts";
import type { World } from "./world.ts";

/** The line that the process prints when it is ready. */
export interface EmulatorReady {
  ready: true;
  cloud: string;
  authority_host: string;
  vaults: { name: string; url: string; direct_url: string }[];
  tenant_id: string;
  client_id: string;
  client_secret: string;
  subscription_id: string;
  /** Those there are at the start, all in the resource group `local`. */
  storage_accounts: { name: string }[];
  arm_endpoint: string;
  graph_endpoint: string;
  /** What AZURE_POD_IDENTITY_AUTHORITY_HOST takes; `/metadata/identity/oauth2/token` is below it. */
  imds: string;
  /** What IDENTITY_ENDPOINT and IDENTITY_HEADER take. */
  app_service: { endpoint: string; header: string };
  /** Whose tokens those two give. */
  managed_identities: Record<"system_assigned" | "user_assigned", { client_id: string; object_id: string; resource_id: string }>;
  ca_file: string;
  control: string;
  proxy_url?: string;
}

/** The ports that the local Azure came to listen on. */
export interface OpenPorts {
  main: number;
  arm: number;
  graph: number;
  identity: number;
  /** By the name of the vault. */
  vaults: Map<string, number>;
  proxy: number | undefined;
}

export function readyLine(world: World, about: { cloud: string; ports: OpenPorts; caFile: string; control: string }): EmulatorReady {
  const { ports } = about;
  const { directory } = world;
  const application = directory.applications[0];
  const local = (port: number, scheme = "https"): string => `${scheme}://127.0.0.1:${port}`;
  return {
    ready: true,
    cloud: about.cloud,
    authority_host: local(ports.main),
    vaults: [...ports.vaults].map(([name, port]) => ({
      name,
      url: `https://${name}.vault.localhost:${ports.main}`,
      direct_url: local(port),
    })),
    tenant_id: directory.tenantId,
    client_id: application?.clientId ?? "",
    client_secret: application?.secrets.find(({ endsAt, leaves }) => leaves === undefined && endsAt > world.clock.now())?.secret ?? "",
    subscription_id: directory.subscriptionId,
    storage_accounts: [...world.storage.keys()].map((name) => ({ name })),
    arm_endpoint: local(ports.arm),
    graph_endpoint: local(ports.graph),
    imds: local(ports.identity, "http"),
    app_service: { endpoint: `${local(ports.identity, "http")}/msi/token`, header: directory.identityHeader },
    managed_identities: { system_assigned: shownIdentity(directory, 0), user_assigned: shownIdentity(directory, 1) },
    ca_file: about.caFile,
    control: about.control,
    ...(ports.proxy === undefined ? {} : { proxy_url: local(ports.proxy, "http") }),
  };
}

function shownIdentity({ managedIdentities }: Directory, index: number): { client_id: string; object_id: string; resource_id: string } {
  const identity = managedIdentities[index];
  return { client_id: identity?.clientId ?? "", object_id: identity?.objectId ?? "", resource_id: identity?.resourceId ?? "" };
}
