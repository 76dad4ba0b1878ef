import type { localAzure } from "./local-azure.ts";

/** What a target and a connector are made of where they are not the lab's own. */
export interface World {
  cloud?: Record<string, string>;
  target?: Record<string, string>;
  vault?: string;
  env?: Record<string, string>;
  /** What the local Azure is told before. */
  arrange?: () => Promise<unknown>;
  argv?: readonly string[];
}

export interface Cause extends World {
  code: string;
  exit: number;
  sentence: RegExp;
  hint: RegExp;
  /** Azure has seen the request and given it an id. */
  seen: boolean;
  /** Requests that are made in all; more would be retries. */
  calls: number;
  /** Where doctor finds it; absent where its own calls do not meet it. */
  step?: string;
}

type Lab = Awaited<ReturnType<typeof localAzure>>;

const nobody = "99999999-9999-4999-8999-999999999999";
/** What must not be said by any of them. */
export const canaries = ["wrong~s3cret-canary", "expired~s3cret-canary", "proxy-passw0rd", "eyJ", "v4lue-canary"];

/** `grumpyAt`: the URL of a proxy that refuses as its user name says. */
export function causesIn({ ready, control }: Lab, grumpyAt: (user: string) => string): Record<string, Cause> {
  const settings = (body: object) => () => control("/settings", "PUT", body);
  const throughProxy = (url: string | undefined): World => ({
    cloud: { name: "AzureCloud" },
    env: { HTTPS_PROXY: url ?? "", NODE_EXTRA_CA_CERTS: ready.ca_file },
  });
  const unauthenticated = { code: "unauthenticated", exit: 5, seen: true, calls: 2 };
  const unavailable = { code: "unavailable", exit: 7, seen: false, calls: 1 };
  const forbidden = { code: "forbidden", exit: 6, seen: true, calls: 3 };

  return {
    "a tenant that is not the vault's": {
      step: "entra",
      ...unauthenticated,
      calls: 1,
      target: { "tenant-id": nobody },
      sentence: new RegExp(`belongs to the tenant ${ready.tenant_id}, and the target \\S+ to ${nobody}`, "u"),
      hint: /target of the vault's tenant/u,
    },
    "an unknown tenant": {
      ...unauthenticated,
      calls: 1,
      argv: ["target", "test"],
      target: { "tenant-id": nobody },
      sentence: new RegExp(`the tenant ${nobody} does not exist in the cloud \\S+ \\(AADSTS90002\\)`, "u"),
      hint: /tenant id and the cloud/u,
    },
    "an unknown client": {
      step: "entra",
      ...unauthenticated,
      target: { "client-id": nobody },
      sentence: new RegExp(`the application ${nobody} is not in the tenant ${ready.tenant_id} \\(AADSTS700016\\)`, "u"),
      hint: /client id/u,
    },
    "a wrong secret": {
      step: "entra",
      ...unauthenticated,
      target: { "client-secret": "wrong~s3cret-canary" },
      sentence: /the client secret is wrong \(AADSTS7000215\)/u,
      hint: /usc target update azure/u,
    },
    "an expired secret": {
      step: "entra",
      ...unauthenticated,
      arrange: () => control("/client-secrets", "POST", { secret: "expired~s3cret-canary", expired: true }),
      target: { "client-secret": "expired~s3cret-canary" },
      sentence: /the client secret has expired \(AADSTS7000222\)/u,
      hint: /new secret/u,
    },
    "the secret's id instead of its value": {
      step: "entra",
      ...unauthenticated,
      target: { "client-secret": nobody },
      sentence: /the secret's id, not its value \(AADSTS7000215\)/u,
      hint: /The portal shows the value once/u,
    },
    "a disabled application": {
      step: "entra",
      ...unauthenticated,
      arrange: () => control("/applications", "PUT", { enabled: false }),
      sentence: /is disabled \(AADSTS7000112\)/u,
      hint: /Enable it/u,
    },
    "a name that DNS does not know": {
      step: "dns",
      ...unavailable,
      cloud: { "key-vault-suffix": "vault.invalid" },
      // Without a network nobody answers at all.
      sentence:
        /^(The vault demo does not exist: the name demo\.vault\.invalid cannot be resolved|The name server did not answer when asked for demo\.vault\.invalid)\.$/u,
      hint: /private endpoint|name servers/u,
    },
    "a refused connection": {
      step: "tcp",
      ...unavailable,
      cloud: { "key-vault-suffix": "vault.localhost:1" },
      sentence: /^demo\.vault\.localhost:1 refused the connection\.$/u,
      hint: /something listens there/u,
    },
    "a login host that refuses": {
      step: "entra",
      ...unavailable,
      argv: ["target", "test"],
      cloud: { "authority-host": "https://127.0.0.1:1" },
      sentence: /^127\.0\.0\.1:1 refused the connection\.$/u,
      hint: /something listens there/u,
    },
    "an untrusted certificate": {
      step: "tls",
      ...unavailable,
      cloud: { "ca-file": "" },
      sentence: /^The TLS certificate of \S+ is not trusted\.$/u,
      hint: /--ca-file.*NODE_EXTRA_CA_CERTS/u,
    },
    "a proxy that refuses the connection": {
      step: "tcp",
      ...unavailable,
      ...throughProxy("http://u:proxy-passw0rd@127.0.0.1:1"),
      sentence: /^The proxy 127\.0\.0\.1:1 on the way to demo\.vault\.azure\.net refused the connection\.$/u,
      hint: /HTTPS_PROXY.*NO_PROXY/u,
    },
    "a proxy that DNS does not know": {
      step: "dns",
      ...unavailable,
      ...throughProxy("http://u:proxy-passw0rd@proxy.invalid:3128"),
      sentence: /^The name of the proxy proxy\.invalid:3128 on the way to \S+ cannot be resolved\.$/u,
      hint: /HTTPS_PROXY/u,
    },
    "a proxy that wants a login": {
      step: "proxy",
      ...unavailable,
      ...throughProxy(grumpyAt("407")),
      sentence: /asks for a user and password \(HTTP 407\)/u,
      hint: /http:\/\/USER:PASSWORD@HOST:PORT/u,
    },
    "a proxy that opens no tunnel": {
      step: "proxy",
      ...unavailable,
      ...throughProxy(grumpyAt("403")),
      sentence: /opened no tunnel to demo\.vault\.azure\.net:?\d* ?\(HTTP 403\)/u,
      hint: /HTTPS_PROXY/u,
    },
    "a proxy that hangs up": {
      step: "proxy",
      ...unavailable,
      ...throughProxy(grumpyAt("silent")),
      sentence: /opened no tunnel/u,
      hint: /HTTPS_PROXY/u,
    },
    "a proxy that is none": {
      ...unavailable,
      code: "usage",
      exit: 2,
      calls: 0,
      ...throughProxy("socks5://u:proxy-passw0rd@127.0.0.1:1"),
      sentence: /^HTTPS_PROXY is not the URL of an http or https proxy\.$/u,
      hint: /http:\/\/HOST:PORT/u,
    },
    "a vault that does not exist, asked for through a proxy": {
      step: "proxy",
      ...unavailable,
      ...throughProxy(ready.proxy_url),
      vault: "nobodys-vault",
      sentence: /opened no tunnel to nobodys-vault\.vault\.azure\.net \(HTTP 503\)/u,
      hint: /vault's name/u,
    },
    "a vault that does not exist, in the local Azure": {
      step: "challenge",
      ...unavailable,
      seen: true,
      vault: "nobodys-vault",
      sentence: /^The vault https:\/\/nobodys-vault\.\S+ does not exist\.$/u,
      hint: /vault's name/u,
    },
    "a challenge that asks for another login": {
      step: "challenge",
      ...forbidden,
      calls: 1,
      cloud: { "authority-host": ready.authority_host.replace("127.0.0.1", "localhost") },
      sentence: /asks for a token of another service or login than the cloud \S+; none was sent/u,
      hint: /vault's address and the target's cloud/u,
    },
    "a challenge that asks for another service": {
      ...forbidden,
      calls: 1,
      cloud: { "key-vault-audience": "https://vault.usgovcloudapi.net" },
      sentence: /asks for a token of another service/u,
      hint: /target's cloud/u,
    },
    "a missing role": {
      step: "list",
      ...forbidden,
      arrange: () => control("/role-assignments", "PUT", { roles: [] }),
      sentence: /may not do secrets\/getSecret\/action/u,
      hint: new RegExp(
        `^Assign the role Key Vault Secrets User at the scope /subscriptions/${ready.subscription_id}/resourcegroups/\\S+/vaults/demo to the object id [0-9a-f-]{36}\\. .*ten minutes`,
        "u",
      ),
    },
    "a missing role to write": {
      ...forbidden,
      argv: ["create", "--overwrite", "--value", "v4lue-canary"],
      arrange: () => control("/role-assignments", "PUT", { roles: ["Key Vault Secrets User"] }),
      sentence: /may not do secrets\/setSecret\/action/u,
      hint: /Key Vault Secrets Officer/u,
    },
    "a vault with access policies": {
      step: "get",
      ...forbidden,
      arrange: async () => {
        await settings({ access: "policies" })();
        await control("/access-policies", "PUT", { secrets: ["list"] });
      },
      sentence: /The access policies of \S+ do not let the target \S+ use the secret x \(secrets get\)/u,
      hint: /^Give the object id [0-9a-f-]{36} the permission "secrets get" in the vault's access policies\.$/u,
    },
    "a firewall": {
      step: "list",
      ...forbidden,
      arrange: settings({ network: "firewall" }),
      sentence: /^The firewall of \S+ refuses the address 127\.0\.0\.1\.$/u,
      hint: /networking settings/u,
    },
    "a private endpoint": {
      step: "list",
      ...forbidden,
      arrange: settings({ network: "private" }),
      sentence: /over its private endpoint alone/u,
      hint: /private DNS zone/u,
    },
    "a disabled object": {
      ...forbidden,
      arrange: () => control("/secrets/demo/x", "PUT", { value: "v4lue-canary", enabled: false }),
      sentence: /^The secret x is disabled\.$/u,
      hint: /--enabled true/u,
    },
    throttling: {
      ...unavailable,
      seen: true,
      calls: 3,
      argv: ["get", "--max-retries", "0"],
      arrange: () => control("/faults", "POST", { status: 429, method: "GET", path: "/secrets/*", skip: 1, times: 9, retry_after: 7 }),
      sentence: /it is throttling \(HTTP 429\)/u,
      hint: /--concurrency/u,
    },
  };
}
