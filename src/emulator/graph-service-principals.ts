import { createEntry, findApplication, type ServicePrincipal } from "./directory.ts";
import { flagIn, textIn } from "./graph-body.ts";
import { created, noContent, type GraphCall, type GraphRoute } from "./graph-call.ts";
import { demandOwner, readProperties, routesOf } from "./graph-entries.ts";
import { graphErrors } from "./graph-errors.ts";
import { find, kinds } from "./graph-kinds.ts";
import { mayChange, ownersOfNew, writeApplications } from "./graph-permissions.ts";
import { secretRoutes } from "./graph-secrets.ts";
import { principalDefaults } from "./graph-properties.ts";
import { showPrincipal } from "./graph-shapes.ts";
import { arrivalOf } from "./replication.ts";
import type { Answer } from "./room.ts";

const resource = "ServicePrincipal";
const own = ["appId", "accountEnabled", "displayName"];

export const principalRoutes: readonly GraphRoute[] = [
  { method: "POST", path: "/serviceprincipals", needs: writeApplications, run: create },
  { method: "PATCH", path: "/serviceprincipals/{id}", needs: writeApplications, run: change },
  ...routesOf(kinds.servicePrincipal),
  ...secretRoutes(kinds.servicePrincipal),
];

function create(call: GraphCall): Answer {
  const { body, directory, settings, now } = call;
  const appId = textIn(body, "appId", resource);
  if (appId === undefined) throw graphErrors.missing("appId", resource);
  const application = findApplication(directory, appId, now);
  if (application === undefined) throw graphErrors.noBackingApplication(appId);
  if (!mayChange(call, application)) throw graphErrors.foreignBackingApplication();
  // One that has not replicated yet is in the way all the same.
  const isTaken = directory.servicePrincipals.some((each) => each.clientId === application.clientId && each.deletedAt === undefined);
  if (isTaken) throw graphErrors.principalExists(appId);
  const principal: ServicePrincipal = {
    ...createEntry(application.displayName, now, arrivalOf("servicePrincipals", settings.replication, now)),
    properties: readProperties(body, { defaults: principalDefaults, own, resource }),
    clientId: application.clientId,
    enabled: flagIn(body, "accountEnabled", resource) ?? true,
    secrets: [],
    owners: ownersOfNew(call),
  };
  directory.servicePrincipals.push(principal);
  return created(call, "servicePrincipals/$entity", showPrincipal(principal, call), "ServicePrincipal");
}

function change(call: GraphCall): Answer {
  const { body } = call;
  const principal = find(call, kinds.servicePrincipal, call.params["id"] ?? "");
  demandOwner(call, principal);
  const enabled = flagIn(body, "accountEnabled", resource);
  principal.properties = readProperties(body, {
    defaults: principalDefaults,
    own: ["accountEnabled"],
    resource,
    before: principal.properties,
  });
  principal.enabled = enabled ?? principal.enabled;
  return noContent;
}
