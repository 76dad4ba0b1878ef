import { randomUUID, X509Certificate } from "node:crypto";
import { createEntry, type Application, type ClientCertificate } from "./directory.ts";
import { membersOf, textIn, type Body } from "./graph-body.ts";
import { created, noContent, type GraphCall, type GraphRoute } from "./graph-call.ts";
import { demandOwner, readProperties, routesOf } from "./graph-entries.ts";
import { graphErrors } from "./graph-errors.ts";
import { find, kinds } from "./graph-kinds.ts";
import { ownersOfNew, writeApplications } from "./graph-permissions.ts";
import { readSecret, secretRoutes } from "./graph-secrets.ts";
import { applicationDefaults } from "./graph-properties.ts";
import { showApplication, showSecret } from "./graph-shapes.ts";
import { arrivalOf } from "./replication.ts";
import type { Answer } from "./room.ts";

const resource = "Application";

export const applicationRoutes: readonly GraphRoute[] = [
  { method: "POST", path: "/applications", needs: writeApplications, run: create },
  { method: "PATCH", path: "/applications/{id}", needs: writeApplications, run: change },
  ...routesOf(kinds.application),
  ...secretRoutes(kinds.application),
];

/** A secret that is asked for along with the application is told here, once. */
function create(call: GraphCall): Answer {
  const { body, directory, settings, now } = call;
  const displayName = textIn(body, "displayName", resource) ?? "";
  if (displayName === "") throw graphErrors.missing("displayName", resource);
  const asked = listIn(body, "passwordCredentials");
  const application: Application = {
    ...createEntry(displayName, now, arrivalOf("applications", settings.replication, now)),
    properties: readProperties(body, { defaults: applicationDefaults, own, resource }),
    clientId: randomUUID(),
    secrets: asked.map((each) => readSecret(call, each)),
    certificates: readCertificates(body, []) ?? [],
    federated: [],
    owners: ownersOfNew(call),
  };
  checkUris(call, application);
  directory.applications.push(application);
  const shown = {
    ...showApplication(application, call),
    passwordCredentials: application.secrets.map((each) => showSecret(each, each.secret)),
  };
  return created(call, "applications/$entity", shown, "Application");
}

const own = ["displayName", "keyCredentials", "passwordCredentials"];

function change(call: GraphCall): Answer {
  const { body } = call;
  const application = find(call, kinds.application, call.params["id"] ?? "");
  demandOwner(call, application);
  // Passwords are added and removed by the actions of that name. What Graph says to a list of them here is not known.
  if (body["passwordCredentials"] !== undefined) throw graphErrors.badProperty("passwordCredentials");
  const displayName = textIn(body, "displayName", resource);
  const properties = readProperties(body, { defaults: applicationDefaults, own, resource, before: application.properties });
  const certificates = readCertificates(body, application.certificates);
  checkUris(call, { ...application, properties });
  application.properties = properties;
  application.displayName = displayName ?? application.displayName;
  application.certificates = certificates ?? application.certificates;
  return noContent;
}

/** The whole list. One that is there is named by its key id alone; its bytes are sent again or left out. */
function readCertificates(body: Body, known: readonly ClientCertificate[]): ClientCertificate[] | undefined {
  if (body["keyCredentials"] === undefined) return undefined;
  return listIn(body, "keyCredentials").map((each) => {
    const keyId = textIn(each, "keyId", resource)?.toLowerCase() ?? randomUUID();
    const before = known.find((certificate) => certificate.keyId === keyId);
    const key = textIn(each, "key", resource);
    const der = key === undefined ? before?.der : derIn(key);
    if (der === undefined) throw graphErrors.badValue("keyCredentials", resource);
    return { keyId, displayName: textIn(each, "displayName", resource) ?? null, der };
  });
}

function derIn(key: string): string | undefined {
  try {
    return new X509Certificate(Buffer.from(key, "base64")).raw.toString("base64");
  } catch {
    return undefined;
  }
}

function listIn(body: Body, property: string): Body[] {
  const given = body[property] ?? [];
  if (!Array.isArray(given)) throw graphErrors.badValue(property, resource);
  return given.map((each: unknown) => {
    const members = membersOf(each);
    if (members === undefined) throw graphErrors.badValue(property, resource);
    return members;
  });
}

function checkUris({ directory }: GraphCall, { objectId, properties }: Application): void {
  const others = directory.applications.filter((each) => each.objectId !== objectId && each.deletedAt === undefined);
  const taken = new Set(others.flatMap((each) => [each.properties["identifierUris"] ?? []].flat()));
  const uri: unknown = [properties["identifierUris"] ?? []].flat().find((each) => taken.has(each));
  if (typeof uri === "string") throw graphErrors.uriExists(uri);
}
