/**
 * Terminology.
 * Scope: where a role counts, as the id of what it counts for: `/`, a subscription, a resource group, a resource, or a part of one.
 */
const provider = /^(.*?)\/providers\/microsoft\.authorization\/([^/]+)(?:\/([^/]+))?\/?$/i;

/** `{scope}/providers/Microsoft.Authorization/{type}/{name}`, undefined for any other path. */
export function authorizationPath(path: string): { scope: string; type: string; name: string } | undefined {
  const [, scope, type, name = ""] = provider.exec(path) ?? [];
  return scope === undefined || type === undefined ? undefined : { scope: scope === "" ? "/" : scope, type, name };
}

/** Whether what counts at the scope counts for the resource, or for the narrower scope. Case stands for nothing. */
export function isWithin(resource: string, scope: string): boolean {
  const [inner, outer] = [resource.toLowerCase(), scope.toLowerCase().replace(/\/$/, "")];
  return inner === outer || inner.startsWith(`${outer}/`);
}

export const sameScope = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
