import { createPublicKey, X509Certificate, type JsonWebKey } from "node:crypto";
import { BadControl, readerOf, type Run } from "./control-input.ts";
import { createSecret, endOfTime } from "./client-secrets.ts";
import { createCertificate, type Application, type FederatedCredential, type ServicePrincipal } from "./directory.ts";
import type { World } from "./world.ts";

/**
 * `PUT /applications` with `{"principal"?, "enabled"?, "certificates"?: [PEM], "federated_credentials"?: [{"issuer", "subject",
 * "audiences"?, "jwks": {"keys": [JWK]}}]}` changes what it names of the application (client id, or object id of it or of its service
 * principal; the ready line's by default). A disabled one cannot log in, but its tokens stay good. Each list replaces the one before: `certificates` is whose
 * signature on a client assertion counts, a federated credential whose tokens do. Their audience is by default Azure's,
 * `api://AzureADTokenExchange`. The keys are given, since a local Azure dials nobody's discovery document.
 */
export const changeApplication: Run = ({ world }, { body }) => {
  const { application, principal } = applicationIn(world, body.text("principal"));
  const enabled = body.flag("enabled");
  const certificates = body.texts("certificates")?.map(readCertificate);
  const federated = readFederated(body.raw("federated_credentials"));
  body.end();
  if (application === undefined) throw new BadControl("There is no such application.");
  if (enabled === undefined && certificates === undefined && federated === undefined) {
    throw new BadControl('One of "enabled", "certificates" and "federated_credentials" is needed.');
  }
  if (principal !== undefined) principal.enabled = enabled ?? principal.enabled;
  application.certificates = certificates?.map(createCertificate) ?? application.certificates;
  application.federated = federated ?? application.federated;
  return undefined;
};

/** `POST /client-secrets` with `{"secret", "expired"?}` adds one more to the ready line's application, or changes it. */
export const addClientSecret: Run = ({ world }, { body }) => {
  const secret = body.text("secret");
  const expired = body.flag("expired") ?? false;
  body.end();
  if (secret === undefined || secret === "") throw new BadControl('"secret" is needed.');
  const { application } = applicationIn(world, undefined);
  if (application === undefined) return undefined;
  const now = world.clock.now();
  const added = createSecret({ secret, startsAt: now, endsAt: expired ? now : endOfTime, arrives: 0 });
  application.secrets = [...application.secrets.filter((known) => known.secret !== secret), added];
  return undefined;
};

function applicationIn(
  { directory }: World,
  named: string | undefined,
): { application: Application | undefined; principal: ServicePrincipal | undefined } {
  const { applications, servicePrincipals } = directory;
  const byPrincipal = servicePrincipals.find(({ objectId }) => objectId === named)?.clientId;
  const isMeant = ({ clientId, objectId }: Application): boolean =>
    named === undefined || named === clientId || named === objectId || byPrincipal === clientId;
  const application = applications.find(isMeant);
  return { application, principal: servicePrincipals.find(({ clientId }) => clientId === application?.clientId) };
}

function readCertificate(pem: string): string {
  try {
    return new X509Certificate(pem).raw.toString("base64");
  } catch {
    throw new BadControl('"certificates" must be a list of PEM certificates.');
  }
}

function readFederated(given: unknown): FederatedCredential[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given)) throw new BadControl('"federated_credentials" must be a list.');
  return given.map((each: unknown) => {
    const credential = readerOf(each, "A federated credential");
    const issuer = credential.text("issuer");
    const subject = credential.text("subject");
    const audiences = credential.texts("audiences") ?? ["api://AzureADTokenExchange"];
    const keys = credential.inner("jwks")?.raw("keys");
    credential.end();
    if (issuer === undefined || subject === undefined || !Array.isArray(keys)) {
      throw new BadControl('A federated credential needs "issuer", "subject" and "jwks".');
    }
    return { issuer, subject, audiences, keys: keys.map(readKey) };
  });
}

function readKey(given: unknown): JsonWebKey {
  const members = readerOf(given, "A key");
  const jwk: JsonWebKey = Object.fromEntries(members.keys().map((name) => [name, members.raw(name)]));
  try {
    createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    throw new BadControl("A key of a federated credential must be a public JWK.");
  }
  return jwk;
}
