import type { Cloud } from "../../features/targets/model.ts";
import { UscError } from "../../kernel/errors.ts";
import { parseOrigin } from "./vault-url.ts";

const services = { "arm-endpoint": "ARM", "graph-endpoint": "Graph" } as const;

/** Where a service beside the vaults is: its origin, and what stands before every path of it, without a slash at its end. */
export function endpointOf(cloud: Cloud, service: keyof typeof services): { origin: string; base: string } {
  const [, origin = "", base = ""] = /^(https:\/\/[^/?#]+)(\/[^?#]*)?$/.exec(cloud[service]) ?? [];
  if (parseOrigin(origin) !== undefined) return { origin, base: base.replace(/\/+$/, "") };
  throw new UscError("usage", `The ${services[service]} endpoint of the cloud ${cloud.name} is no https URL.`, {
    hint: "`usc cloud list` shows it.",
  });
}
