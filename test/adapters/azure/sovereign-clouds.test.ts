import { createPublicKey, constants, verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer as createPlainServer, type Server } from "node:http";
import { createServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { azureVaultFinder } from "../../../src/adapters/azure/arm.ts";
import { azureObjects } from "../../../src/adapters/azure/index.ts";
import { azureLogin } from "../../../src/adapters/azure/login.ts";
import { armAudienceOf, builtInClouds } from "../../../src/features/targets/clouds.ts";
import type { Cloud, ConnectionType, Target } from "../../../src/features/targets/model.ts";
import { opensslFolder } from "../../emulator/openssl.ts";
import { azPrints, fakeAz } from "../../support/fake-az.ts";
import { issuer } from "../../support/issuer.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { stillClock } from "../../support/still-clock.ts";

const tenant = "11111111-2222-4333-8444-555555555555";
const client = "66666666-2222-4333-8444-555555555555";
const sub = "77777777-2222-4333-8444-555555555555";
const hostOf = (url: string): string => new URL(url).host;

// What Microsoft's documentation says, written down once more: by these the records are judged.
const facts: Record<string, { login: string; vault: string; audience: string; arm: string; armAudience: string; graph: string }> = {
  AzureCloud: {
    login: "login.microsoftonline.com",
    vault: "demo.vault.azure.net",
    audience: "https://vault.azure.net",
    arm: "management.azure.com",
    armAudience: "https://management.azure.com",
    graph: "graph.microsoft.com",
  },
  AzureUSGovernment: {
    login: "login.microsoftonline.us",
    vault: "demo.vault.usgovcloudapi.net",
    audience: "https://vault.usgovcloudapi.net",
    arm: "management.usgovcloudapi.net",
    armAudience: "https://management.usgovcloudapi.net",
    graph: "graph.microsoft.us",
  },
  AzureChinaCloud: {
    login: "login.chinacloudapi.cn",
    vault: "demo.vault.azure.cn",
    audience: "https://vault.azure.cn",
    arm: "management.chinacloudapi.cn",
    armAudience: "https://management.chinacloudapi.cn",
    graph: "microsoftgraph.chinacloudapi.cn",
  },
};

const tool = opensslFolder();
const hosts = Object.values(facts).flatMap(({ login, vault, arm }) => [login, vault, arm]);
tool.pair("all", "/CN=all", "-addext", `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}`);
const app = tool.pair("app", "/CN=app");
const cluster = issuer();
tool.write("token", cluster.token("app"));

interface Seen {
  host: string;
  path: string;
  body: string;
  authorization: string;
}
const seen: Seen[] = [];
let cloud: Cloud;

/** All hosts of all clouds, behind one proxy; each answers as its service does in the cloud that is looked at. */
const world = createServer({ key: tool.read("all.key"), cert: tool.read("all.crt") }, (request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    const { host = "", authorization = "" } = request.headers;
    seen.push({ host, path: request.url ?? "", body, authorization });
    const json = (status: number, document: object, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(document));
    if (host === hostOf(cloud["authority-host"])) {
      const scope = new URLSearchParams(body).get("scope") ?? "";
      return json(200, { access_token: `token-for-${scope}`, expires_in: 3599 });
    }
    if (host === hostOf(cloud["arm-endpoint"])) return json(200, { value: [] });
    const challenge = `Bearer authorization="${cloud["authority-host"]}/${tenant}", resource="${cloud["key-vault-audience"]}"`;
    if (authorization === "") return json(401, {}, { "www-authenticate": challenge });
    return json(200, { value: "v", id: `https://${host}/secrets/x/${"0".repeat(32)}` });
  });
});
const proxy = createPlainServer();
proxy.on("connect", (_request, socket) => {
  const tunnel = connect((world.address() as AddressInfo).port, "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    tunnel.pipe(socket).pipe(tunnel);
  });
  socket.on("error", () => tunnel.destroy());
  tunnel.on("error", () => socket.destroy());
});
const imds = createPlainServer((request, response) => {
  const url = new URL(request.url ?? "", "http://x");
  const resource = url.searchParams.get("resource") ?? "";
  seen.push({ host: "imds", path: url.pathname, body: resource, authorization: "" });
  response.end(JSON.stringify({ access_token: `token-for-${resource}/.default`, expires_on: "4000000000" }));
});
const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
for (const server of [world, proxy, imds]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => {
  for (const server of [world, proxy, imds]) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => void (seen.length = 0));

// The audience is in the token, so that the services show for what they were given one.
const az = fakeAz(
  join(tool.path("."), "az"),
  azPrints("token-for-AUDIENCE", 4_000_000_000).replace("<<'END'", "<<END").replace("AUDIENCE", "$6/.default"),
);
const identities: Record<ConnectionType, Partial<Target>> = {
  credentials: { "tenant-id": tenant, "client-id": client, "client-secret": "s" },
  certificate: {
    "tenant-id": tenant,
    "client-id": client,
    "client-certificate": app.certificate + app.key,
    "send-certificate-chain": true,
  },
  "workload-identity": { "tenant-id": tenant, "client-id": client, "federated-token-file": tool.path("token") },
  "managed-identity": {},
  "azure-cli": {},
  environment: {},
};

const cases = builtInClouds.flatMap((each) =>
  (Object.keys(identities) as ConnectionType[]).map(
    (type) => [each.name, type, { ...each, "ca-pem": tool.read("all.crt").toString() }] as const,
  ),
);

describe("every host and every audience is the cloud's own", () => {
  it.each(cases)("%s, %s: login, challenge, vault and ARM", async (name, type, looked) => {
    cloud = looked;
    const fact = facts[name];
    if (fact === undefined) throw new Error(name);
    const stamp = "2026-06-01T12:00:00Z";
    const record = { tags: [], "delete-protection": false, "created-at": stamp, "modified-at": stamp };
    const target: Target = { ...record, ...identities[type], "connection-type": type, id: 1, name: "/t", "azure-cloud": name, origin: "" };
    const environment = {
      HTTPS_PROXY: urlOf(proxy),
      AZURE_POD_IDENTITY_AUTHORITY_HOST: urlOf(imds),
      PATH: `${az.path}:${process.env["PATH"]}`,
      AZURE_TENANT_ID: tenant,
      AZURE_CLIENT_ID: client,
      AZURE_CLIENT_SECRET: "s",
      AZURE_AUTHORITY_HOST: cloud["authority-host"],
    };
    const options = { store: memoryStore(), clock: stillClock(), environment };
    const vaultUrl = `https://demo.${cloud["key-vault-suffix"]}`;
    const connector = { ...record, id: 2, name: "/kv", "target-name": "/t", "vault-url": vaultUrl, "vault-name": "demo", "usc-tags": {} };

    expect((await azureObjects(options).get({ url: vaultUrl, cloud, target, connector }, "x")).value).toBe("v");
    for await (const page of azureVaultFinder(options).pages(cloud, target, sub, () => {})) expect(page).toEqual([]);
    expect(await azureLogin(options).identify(cloud, target)).toMatchObject({ audience: fact.audience });

    const isOwn = type === "managed-identity" || type === "azure-cli";
    expect(new Set(seen.filter(({ host }) => host !== "imds").map(({ host }) => host))).toEqual(
      new Set([fact.vault, fact.arm, ...(isOwn ? [] : [fact.login])]),
    );
    const token = (audience: string): string => `Bearer token-for-${audience}/.default`;
    const bearers = (host: string): string[] =>
      seen.filter((each) => each.host === host && each.authorization !== "").map((each) => each.authorization);
    expect(bearers(fact.vault)).toEqual([token(fact.audience)]);
    expect(bearers(fact.arm)).toEqual([token(fact.armAudience)]);
    const logins = seen.filter(({ host }) => host === fact.login);
    if (!isOwn) {
      expect(logins.map(({ body }) => new URLSearchParams(body).get("scope"))).toEqual(
        [fact.audience, fact.armAudience, fact.audience].map((audience) => `${audience}/.default`),
      );
    }
    if (type === "managed-identity") {
      expect(seen.filter(({ host }) => host === "imds").map(({ body }) => body)).toEqual([fact.audience, fact.armAudience, fact.audience]);
    }
    if (type === "azure-cli") expect(readFileSync(az.said, "utf8")).toContain(`--resource\n${fact.audience}\n`);
    if (type === "certificate")
      for (const { body } of logins) checkAssertion(new URLSearchParams(body).get("client_assertion") ?? "", fact.login);
    if (type === "workload-identity") {
      expect(new URLSearchParams(logins[0]?.body).get("client_assertion")).toBe(tool.read("token").toString());
    }
  });

  it.each(builtInClouds.map((each) => [each.name, each] as const))("%s is recorded as Microsoft documents it", (name, each) => {
    expect(facts[name]).toMatchObject({
      login: hostOf(each["authority-host"]),
      vault: `demo.${each["key-vault-suffix"]}`,
      audience: each["key-vault-audience"],
      arm: hostOf(each["arm-endpoint"]),
      armAudience: armAudienceOf(each),
      graph: hostOf(each["graph-endpoint"]),
    });
  });
});

const judged = new Set<string>();

/** As Entra judges it: by the certificate's own key, and for this login alone. */
function checkAssertion(assertion: string, login: string): void {
  const [head = "", body = "", signature = ""] = assertion.split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  const der = new X509Certificate(app.certificate).raw;
  const { jti, nbf, exp, ...claims } = read(body);
  expect(read(head)).toMatchObject({ alg: "PS256", typ: "JWT", x5c: [der.toString("base64")] });
  expect(claims).toMatchObject({ aud: `https://${login}/${tenant}/oauth2/v2.0/token`, iss: client, sub: client });
  expect(Number(exp) - Number(nbf)).toBeLessThanOrEqual(900);
  // Each request has an assertion of its own.
  expect(judged.has(String(jti))).toBe(false);
  judged.add(String(jti));
  const how = { key: createPublicKey(app.certificate), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  expect(verify("sha256", Buffer.from(`${head}.${body}`), how, Buffer.from(signature, "base64url"))).toBe(true);
}
