import { connectionTypes } from "../../src/features/targets/model.ts";
import { opensslFolder } from "../emulator/openssl.ts";
import { house, labCloud as lab } from "./house.ts";

export const tool = opensslFolder();
export const pair = tool.pair("rsa", "/CN=app");
const pem = pair.key + pair.certificate;
export const guid = "22222222-2222-4333-8444-555555555555";
export const ids = { "tenant-id": "11111111-2222-4333-8444-555555555555", "client-id": "66666666-7777-4888-9999-aaaaaaaaaaaa" };
export const resource =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one";

/** A whole set of fields for each type. */
export const whole: Record<(typeof connectionTypes)[number], Record<string, string>> = {
  credentials: { ...ids, "client-secret": "s3cret~value" },
  certificate: { ...ids, "client-certificate": pem },
  "workload-identity": { ...ids, "federated-token-file": "/var/run/secrets/token" },
  "managed-identity": { "managed-identity-client-id": guid },
  "azure-cli": {},
  environment: {},
};
/** A house with the target /t of that type, and the cloud `lab`. */
export async function stored(type: string, more: Record<string, unknown> = {}) {
  const made = house();
  await made.call("cloud register", lab);
  const fields = whole[type as keyof typeof whole] ?? {};
  await made.call("target create azure", { name: "t", "connection-type": type, ...fields, ...more });
  const update = (input: Record<string, unknown>) => made.call("target update azure", { name: "t", ...input });
  const details = async (): Promise<Record<string, unknown>> => {
    const { value } = (await made.call("target get-details", { name: "t" })) as {
      value: { azure_target_details: Record<string, unknown> };
    };
    return value.azure_target_details;
  };
  return { ...made, update, details };
}

/** The fields of the other types that this one must not take. */
export const foreign = connectionTypes.flatMap((type) =>
  [...new Set(connectionTypes.flatMap((other) => Object.keys(whole[other])))]
    .filter((field) => !(field in whole[type]) && field !== "tenant-id")
    .map((field) => [type, field] as const),
);
export const valueOf = (field: string): string | undefined => Object.values(whole).find((fields) => field in fields)?.[field];
