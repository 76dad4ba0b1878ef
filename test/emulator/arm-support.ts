import { exchange, type Lab, type Reply } from "./support.ts";
import { request } from "node:http";

export type Arm = (method: string, path: string, body?: object | string) => Promise<Reply>;

export const role = {
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  secretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  secretsOfficer: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  accessAdministrator: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
  keyOperator: "81a9662b-bebf-436f-a333-f67b29880f12",
};

export function oidOf(token: string): string {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).oid;
}

/** ARM, asked with the token; `api-version=2022-04-01` unless the path names one. */
export function armOf(lab: Lab, token: string): Arm {
  return async (method, path, body) => {
    const query = path.includes("api-version=") ? "" : `${path.includes("?") ? "&" : "?"}api-version=2022-04-01`;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return lab.https(method, `${lab.ready.arm_endpoint}${path}${query}`, { headers, ...(body === undefined ? {} : { body }) });
  };
}

/** The token of the machine's own identity: a second principal beside the ready line's. */
export async function machineToken({ ready }: Lab, resource: string): Promise<string> {
  const url = `${ready.imds}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(resource)}`;
  return (await exchange(request(url, { headers: { metadata: "true" } }))).json.access_token;
}

/** `[status, code, message]` of a refusal. */
export function said({ status, json }: Reply): unknown[] {
  return [status, json?.error?.code, json?.error?.message];
}
