import { UscError } from "../../kernel/errors.ts";

/** What `NAME[#json.path][/version]` or a full URL with `#json.path` asks for. */
export interface Asked {
  /** `NAME`, `NAME/VERSION` or the URL, for the adapter to read. */
  object: string;
  /** The path into a JSON value, e.g. `db.password`. */
  path?: string;
}

/** Text before the first `/` is the name and its path; all behind it is the version, and nothing there means the latest. */
export function parseReference(reference: string): Asked {
  if (/^https?:\/\//iu.test(reference)) {
    const [url, path] = splitOnce(reference, "#");
    return withPath(url, path, reference);
  }
  const [head, version] = splitOnce(reference, "/");
  const [name, path] = splitOnce(head, "#");
  if (name === "") throw malformed("it names no object");
  if (version?.includes("/")) throw malformed("a version has no slash");
  return withPath(version ? `${name}/${version}` : name, path, reference);
}

function withPath(object: string, path: string | undefined, reference: string): Asked {
  if (path === undefined) return { object };
  if (path === "") throw malformed(`nothing stands behind the # of ${reference.includes("/") ? "its name" : "it"}`);
  return { object, path };
}

function splitOnce(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

const malformed = (why: string): UscError =>
  new UscError("usage", `--secret-id is not valid: ${why}.`, {
    hint: "NAME, NAME#json.path, NAME/VERSION, NAME#json.path/VERSION, or the object's URL.",
  });
