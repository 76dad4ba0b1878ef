import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { openLab, type Lab, type Reply } from "./support.ts";

export interface GraphLab extends Lab {
  /** Asks Graph below `/v1.0`, as the ready line's principal unless `token` says otherwise. */
  graph(
    method: string,
    path: string,
    body?: object | string,
    options?: { token?: string; headers?: Record<string, string> },
  ): Promise<Reply>;
  /** What a token for Graph says, or why there is none: `401 7000215`. */
  login(who: Client, scope?: string): Promise<Record<string, unknown> | string>;
  tokenOf(who: Client, scope?: string): Promise<string>;
  /** A new application with a service principal and a secret, as a client. */
  newClient(displayName: string): Promise<Client & { id: string; principal: string; keyId: string }>;
}

interface Client {
  appId: string;
  secret: string;
}

const graphScope = "https://graph.microsoft.com/.default";

export async function openGraphLab(options: EmulatorOptions = {}): Promise<GraphLab> {
  const lab = await openLab(options);
  const { ready } = lab;
  const ask = async ({ appId, secret }: Client, scope: string): Promise<Reply> =>
    lab.https("POST", `${ready.authority_host}/${ready.tenant_id}/oauth2/v2.0/token`, {
      body: new URLSearchParams({ grant_type: "client_credentials", client_id: appId, client_secret: secret, scope }).toString(),
    });
  const tokenOf = async (who: Client, scope = graphScope): Promise<string> => (await ask(who, scope)).json.access_token;
  const own = { appId: ready.client_id, secret: ready.client_secret };
  const graph: GraphLab["graph"] = async (method, path, body, { token, headers = {} } = {}) => {
    const bearer = token ?? (await tokenOf(own));
    const authorization = bearer === "" ? {} : { authorization: `Bearer ${bearer}` };
    const url = path.startsWith("https://") ? path : `${ready.graph_endpoint}/v1.0${path}`;
    return lab.https(method, url, {
      headers: { ...authorization, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body }),
    });
  };
  return {
    ...lab,
    graph,
    tokenOf,
    async login(who, scope = graphScope) {
      const { status, json } = await ask(who, scope);
      if (status !== 200) return `${status} ${json.error_codes[0]}`;
      return JSON.parse(Buffer.from(json.access_token.split(".")[1], "base64url").toString());
    },
    async newClient(displayName) {
      const { id, appId } = (await graph("POST", "/applications", { displayName, signInAudience: "AzureADMyOrg" })).json;
      const principal = (await graph("POST", "/servicePrincipals", { appId })).json.id;
      const { secretText, keyId } = (await graph("POST", `/applications/${id}/addPassword`, { passwordCredential: { displayName } })).json;
      return { id, appId, principal, secret: secretText, keyId };
    },
  };
}

/** Status, code and message: what of a failure a test is about. */
export async function said(reply: Promise<Reply> | Reply): Promise<unknown[]> {
  const { status, json } = await reply;
  return [status, json?.error?.code, json?.error?.message];
}

export const notFound = (id: string): unknown[] => [
  404,
  "Request_ResourceNotFound",
  `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
];

export const denied = [403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."];
