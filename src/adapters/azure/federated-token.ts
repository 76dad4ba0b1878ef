import { boundedFile } from "./bounded-file.ts";
import { unusableFile } from "./token.ts";

/**
 * The token that the platform keeps in a file, as it is at this moment. Only what has the form of a JWT leaves this machine: a path that names another
 * file sends nothing of it.
 */
export function federatedToken(path: string): string {
  const text = boundedFile("The federated token file", path, 64 * 1024)
    .toString("utf8")
    .trim();
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return text;
  throw unusableFile("The federated token file", "holds no token", "The platform writes it; check the path.");
}
