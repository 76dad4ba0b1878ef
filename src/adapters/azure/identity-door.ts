import { hostname } from "node:os";
import { UscError } from "../../kernel/errors.ts";
import type { Door } from "./credential.ts";
import type { Environment } from "../network/proxy.ts";

/** App Service and what is built like it say where to ask; every other machine in Azure has IMDS at one and the same address. */
export function identityDoor(environment: Environment): Door {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = environment;
  const machine = hostname();
  if (endpoint && header) {
    if (environment["IDENTITY_SERVER_THUMBPRINT"]) throw unknownDoor("Service Fabric");
    return { is: "app-service", url: nearby("IDENTITY_ENDPOINT", endpoint), header, machine };
  }
  if (endpoint && environment["IMDS_ENDPOINT"]) throw unknownDoor("Azure Arc");
  if (endpoint || header) {
    const [is, lacks] = endpoint ? ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"] : ["IDENTITY_HEADER", "IDENTITY_ENDPOINT"];
    throw new UscError("usage", `${is} is set and ${lacks} is not: App Service sets both.`, {
      hint: `Set ${lacks}, or unset ${is} to ask IMDS.`,
    });
  }
  const host = environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] || "http://169.254.169.254";
  const url = nearby("AZURE_POD_IDENTITY_AUTHORITY_HOST", host);
  return { is: "imds", url: `${url.replace(/\/+$/, "")}/metadata/identity/oauth2/token`, header: undefined, machine };
}

// Tokens come back in the clear: only from this machine, its link, or a private network.
const near =
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|169\.254\.\d{1,3}\.\d{1,3}|10(?:\.\d{1,3}){3}|192\.168\.\d{1,3}\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3})$/;

function nearby(variable: string, given: string): string {
  const url = URL.parse(given);
  const isPlain = url?.protocol === "http:" && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url !== null && isPlain && near.test(url.hostname)) return url.href.replace(/\/$/, "");
  throw new UscError("usage", `${variable} is not an http URL of this machine or of a private network.`, {
    hint: "The platform sets it; a managed identity's token goes nowhere else.",
  });
}

const unknownDoor = (platform: string): UscError =>
  new UscError("unsupported", `Managed identities of ${platform} are asked for in a way that usc does not know.`, {
    hint: "Use another connection type here, e.g. certificate or azure-cli.",
  });
