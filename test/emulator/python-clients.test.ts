import { execFile } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { opensslFolder } from "./openssl.ts";
import { openLab, type Lab } from "./support.ts";

const run = promisify(execFile);
const root = new URL("../..", import.meta.url).pathname;
const lab = await openLab({ proxyPort: 0 });
const tool = opensslFolder();
await run("sh", ["tools/python/install.sh"], { cwd: root });

/** What a witness printed, who knows of us no more than two variables that any program of Azure's takes. */
async function said(witness: string, on: Lab, more: Record<string, string> = {}): Promise<string[]> {
  const { ready } = on;
  const { stdout } = await run("python3", [`tools/python/${witness}.py`], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      PYTHONPATH: `${root}/.tools/python`,
      HTTPS_PROXY: ready.proxy_url,
      REQUESTS_CA_BUNDLE: ready.ca_file,
      SSL_CERT_FILE: ready.ca_file,
      WITNESS_TENANT: ready.tenant_id,
      WITNESS_CLIENT: ready.client_id,
      WITNESS_SECRET: ready.client_secret,
      ...more,
    },
  });
  return stdout.trim().split("\n");
}

test("the official Python client of secrets works unmodified against the real names through the proxy", { timeout: 300_000 }, async () => {
  expect(await said("witness", lab)).toEqual([
    "set witness first text/plain {'a': '1'} https://demo.vault.azure.net/secrets/witness",
    "get first first",
    "versions 2",
    "pages [25, 25, 10]",
    "list 60 True row-00 witness",
    "update False {}",
    "disabled 403 Forbidden Operation get is not allowed on a disabled secret.",
    "deleted witness 90 https://demo.vault.azure.net/deletedsecrets/witness",
    "deleted list ['witness']",
    "soft-deleted 409 Conflict ObjectIsDeletedButRecoverable",
    "recovered witness second",
    "purged 404 SecretNotFound",
    "restored witness second",
    "versions after restore 2",
    "wrong secret AADSTS7000215",
  ]);
});

test(
  "the official Python client of certificates imports, creates, merges, lists, changes, deletes, recovers and purges",
  { timeout: 300_000 },
  async () => {
    const { key, certificate } = tool.pair("site", "/CN=site.example", "-addext", "subjectAltName=DNS:site.example");
    tool.write("site.pem", key + certificate);
    expect(await said("witness_certificates", await openLab({ proxyPort: 0 }), { WITNESS_PEM: tool.path("site.pem") })).toEqual([
      "import pem pem CN=site.example ['site.example'] KeyType.rsa {'a': '1'}",
      "thumbprint True https://demo.vault.azure.net/certificates/pem",
      "key True",
      "import pfx application/x-pkcs12 True True",
      "import pfx application/x-pkcs12 True True",
      "create Self 12 [<KeyUsageType.digital_signature: 'digitalSignature'>, <KeyUsageType.key_encipherment: 'keyEncipherment'>] CN=DefaultPolicy",
      "create key True",
      "operation completed",
      "pending 409 Conflict",
      "merge merged merged completed",
      "cancel True",
      "delete operation stopped",
      "no operation 404 PendingCertificateNotFound",
      "pages [25, 6]",
      "versions 2",
      "secrets ['application/x-pem-file', 'application/x-pkcs12']",
      "update False {'b': '2'}",
      "policy 3",
      "deleted pfx 90 https://demo.vault.azure.net/deletedcertificates/pfx",
      "deleted list ['pfx']",
      "recovered pfx True",
      "purged 404 CertificateNotFound",
      "restored pfx 2",
      "wrong password 400 BadParameter",
    ]);
  },
);

test(
  "the official Python credentials log in by secret, certificate, federated token, IMDS and App Service",
  { timeout: 300_000 },
  async () => {
    const own = await openLab({ proxyPort: 0 });
    const { key, certificate } = tool.pair("client", "/CN=client");
    tool.write("client.pem", key + certificate);
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const issuer = { issuer: "https://issuer.example", subject: "app" };
    const keys = [publicKey.export({ format: "jwk" })];
    await own.control("PUT", "/applications", {
      certificates: [certificate],
      federated_credentials: [{ ...issuer, jwks: { keys } }],
    });
    const claims = { iss: issuer.issuer, sub: issuer.subject, aud: "api://AzureADTokenExchange", exp: Math.floor(Date.now() / 1000) + 600 };
    const signed = [{ alg: "RS256", typ: "JWT" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    tool.write("token.jwt", `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`);

    const { ready } = own;
    const { system_assigned: machine, user_assigned: user } = ready.managed_identities;
    const told = await said("witness_identities", own, {
      WITNESS_PEM: tool.path("client.pem"),
      WITNESS_TOKEN: tool.path("token.jwt"),
      WITNESS_IMDS: ready.imds,
      WITNESS_ENDPOINT: ready.app_service.endpoint,
      WITNESS_HEADER: ready.app_service.header,
      WITNESS_USER_ASSIGNED: user.client_id,
    });
    const application = /^secret (\S+) 1 0$/.exec(told[0] ?? "")?.[1];
    expect(told.slice(1)).toEqual([
      `certificate ${application} 2 0`,
      `certificate with its chain ${application} 2 0`,
      `federated ${application} 2 0`,
      `machine ${machine.object_id} 2 0`,
      `machine by client id ${user.object_id} 2 0`,
      "machine without it CredentialUnavailableError",
      `app ${machine.object_id} 2 0`,
      `app by client id ${user.object_id} 2 0`,
    ]);
  },
);
