/**
 * A path as the table of routes has it: without `/v1.0`, and a key in parentheses as a segment of its own, marked by its name:
 * `/applications(appId='A')/addPassword` is `/applications/appId=A/addPassword`, `/users('$ada@x')` is `/users/$ada@x`. Casts and
 * the namespace of actions are left out. Undefined is a path of another version of Graph.
 */
export function plainPath(path: string): string | undefined {
  const [, version, ...segments] = path.replace(/^\/+/, "/").split("/");
  if (version !== "v1.0") return undefined;
  return `/${segments.flatMap(plainSegment).join("/")}`;
}

function plainSegment(segment: string): string[] {
  const text = decoded(segment).replace(/^microsoft\.graph\.(?=[a-z])/, "");
  const [, collection, name = "", key] = /^([A-Za-z]+)\((?:([A-Za-z]+)=)?'(.*)'\)$/.exec(text) ?? [];
  if (collection === undefined || key === undefined) return [text === decoded(segment) ? segment : text];
  // A quote inside is written twice.
  const value = key.replaceAll("''", "'");
  return [collection, encodeURIComponent(name === "" ? value : `${name}=${value}`)];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
