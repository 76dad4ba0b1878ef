import { connectionTypeOf, type Cloud, type Target } from "../../features/targets/model.ts";
import { UscError } from "../../kernel/errors.ts";
import type { Environment } from "../network/proxy.ts";

/**
 * What proves a target to Azure. All that a token depends on stands in it, beside the cloud and the audience: the token cache makes its key of it, so a
 * field more here is another token there.
 */
export type Credential = OfApplication | OfMachine | OfCli;

/** An application that logs in at Entra. */
export type OfApplication = {
  tenant: string;
  client: string;
} & (
  | { type: "credentials"; secret: string }
  | { type: "certificate"; certificate: CertificateSource; chain: boolean }
  | { type: "workload-identity"; file: string }
);

/** The PEM text that is stored, or a file of PEM or PFX that is read at each login. */
export type CertificateSource = { pem: string } | { path: string; password: string | undefined };

export interface OfMachine {
  type: "managed-identity";
  tenant: string | undefined;
  which: { by: "client" | "object" | "resource"; id: string } | undefined;
  door: Door;
}

/** Where a machine in Azure asks for its tokens. */
export interface Door {
  is: "imds" | "app-service";
  url: string;
  /** What App Service wants to see. */
  header: string | undefined;
  /** A home that two machines share holds two identities. */
  machine: string;
}

export interface OfCli {
  type: "azure-cli";
  tenant: string | undefined;
  /** Digest of who is logged in to az. */
  profile: string;
}

/** Who asks for a token, and for what. */
export interface Wanted {
  cloud: Cloud;
  target: Target;
  credential: Credential;
  /** The resource, without `/.default`. */
  audience: string;
}

/** Loads nothing for what is wholly stored: that is what a warm read has. */
export async function credentialOf(target: Target, cloud: Cloud, environment: Environment): Promise<Credential> {
  const type = connectionTypeOf(target);
  const { "tenant-id": tenant } = target;
  if (type === "managed-identity") {
    return { type, tenant, which: whichOf(target), door: (await import("./identity-door.ts")).identityDoor(environment) };
  }
  if (type === "azure-cli") return { type, tenant, profile: (await import("./azure-profile.ts")).profileDigest(environment) };
  if (type === "environment") return (await import("./environment-credential.ts")).environmentCredential(target, cloud, environment);
  const ids = { tenant: field(target, "tenant-id"), client: field(target, "client-id") };
  if (type === "credentials") return { type, ...ids, secret: field(target, "client-secret") };
  if (type === "workload-identity") return { type, ...ids, file: field(target, "federated-token-file") };
  return { type, ...ids, certificate: { pem: field(target, "client-certificate") }, chain: target["send-certificate-chain"] ?? false };
}

function whichOf(target: Target): OfMachine["which"] {
  for (const by of ["client", "object", "resource"] as const) {
    const id = target[`managed-identity-${by}-id`];
    if (id !== undefined) return { by, id };
  }
  return undefined;
}

function field(target: Target, name: "tenant-id" | "client-id" | "client-secret" | "client-certificate" | "federated-token-file"): string {
  const value = target[name];
  if (value !== undefined) return value;
  throw new UscError("conflict", `The target ${target.name} is a damaged record: it has no ${name}.`, {
    hint: `Give it one: usc target update azure --name ${target.name}`,
  });
}
