import type { Cloud, Target } from "../../features/targets/model.ts";
import { UscError } from "../../kernel/errors.ts";
import { sameLogin } from "./challenge.ts";
import type { OfApplication } from "./credential.ts";
import type { Environment } from "../network/proxy.ts";

/** One of them is what proves the application; a second one would leave open which. */
const proofs = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"] as const;

/**
 * Who the environment says the target is, as Microsoft's own clients name it. Nothing is guessed: a set that is not whole, or that names two
 * credentials, is `usage` and says which variables it is about.
 */
export function environmentCredential(target: Target, cloud: Cloud, environment: Environment): OfApplication {
  const given = (name: string): string | undefined => environment[name] || undefined;
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client } = environment;
  const found = proofs.filter(given);
  const missing = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"].filter((name) => !given(name));
  if (found.length > 1) throw unfit(target, `${inWords(found)} are set, and one of them only can be meant`, `Unset all but one of them.`);
  const [proof] = found;
  if (!tenant || !client || proof === undefined) {
    const lacking = [...missing, ...(proof === undefined ? [`one of ${proofs.join(", ")}`] : [])];
    const set = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", ...proofs].filter(given);
    const beside = set.length === 0 ? "" : ` beside ${inWords(set)}`;
    throw unfit(target, `${inWords(lacking)} ${lacking.length === 1 ? "is" : "are"} not set${beside}`, "Set all that is missing.");
  }
  requireIds(target, tenant, client);
  if (given("AZURE_CLIENT_CERTIFICATE_PASSWORD") && proof !== "AZURE_CLIENT_CERTIFICATE_PATH") {
    throw unfit(target, `AZURE_CLIENT_CERTIFICATE_PASSWORD is set beside ${proof}`, "Unset it, or set AZURE_CLIENT_CERTIFICATE_PATH.");
  }
  const authority = given("AZURE_AUTHORITY_HOST");
  if (authority !== undefined && !sameLogin(authority, cloud["authority-host"])) {
    throw unfit(target, `AZURE_AUTHORITY_HOST is not the login host of the cloud ${cloud.name}`, "Unset it, or give the target its cloud.");
  }
  return { tenant, client, ...proven(proof, environment) };
}

function proven(proof: (typeof proofs)[number], environment: Environment) {
  const value = environment[proof] ?? "";
  if (proof === "AZURE_CLIENT_SECRET") return { type: "credentials", secret: value } as const;
  if (proof === "AZURE_FEDERATED_TOKEN_FILE") return { type: "workload-identity", file: value } as const;
  const password = environment["AZURE_CLIENT_CERTIFICATE_PASSWORD"] || undefined;
  const chain = /^(?:true|1)$/i.test(environment["AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"] ?? "");
  return { type: "certificate", certificate: { path: value, password }, chain } as const;
}

function requireIds(target: Target, tenant: string, client: string): void {
  for (const [name, value] of [
    ["AZURE_TENANT_ID", tenant],
    ["AZURE_CLIENT_ID", client],
  ] as const) {
    if (!guid.test(value)) throw unfit(target, `${name} is not a GUID`, "Set it to the id that the portal shows.");
  }
  const own = target["tenant-id"];
  if (own !== undefined && own.toLowerCase() !== tenant.toLowerCase()) {
    throw unfit(target, `AZURE_TENANT_ID is not the target's tenant ${own}`, "Set the one or the other.");
  }
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const inWords = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

const unfit = (target: Target, why: string, hint: string): UscError =>
  new UscError("usage", `The environment does not say who the target ${target.name} is: ${why}.`, { hint });
