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
  arm_endpoint: string;
  graph_endpoint: string;
  ca_file: string;
  control: string;
  proxy_url?: string;
}

/** The ports that the local Azure came to listen on. */
export interface OpenPorts {
  main: number;
  arm: number;
  graph: number;
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
    client_secret: application?.secrets.find(({ expired }) => !expired)?.secret ?? "",
    subscription_id: directory.subscriptionId,
    arm_endpoint: local(ports.arm),
    graph_endpoint: local(ports.graph),
    ca_file: about.caFile,
    control: about.control,
    ...(ports.proxy === undefined ? {} : { proxy_url: local(ports.proxy, "http") }),
  };
}
