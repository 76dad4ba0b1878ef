import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import { checkCloudName } from "./clouds.ts";
import { clouds } from "./model.ts";

export const cloudRegister = ({ store, clock }: { store: Store; clock: Clock }) =>
  operation({
    name: "cloud register",
    summary: "Registers a cloud: the hosts and audience that belong together",
    example:
      "cloud register --name lab --authority-host https://127.0.0.1:8443 --key-vault-suffix vault.localhost:8443 --graph-endpoint https://127.0.0.1:8443/graph --arm-endpoint https://127.0.0.1:8443/arm --ca-file ca.pem",
    effect: "write",
    needs: [onSystem("create", "/clouds")],
    input: () =>
      z.object({
        name: text("Name of the cloud", { short: "n" }),
        "authority-host": text("Base URL of the login service", { placeholder: "URL" }),
        "key-vault-suffix": text("What follows the vault's name in its host; may hold a port", { placeholder: "HOST[:PORT]" }),
        "key-vault-audience": optionalText("Resource that a vault's token is for (default: https://vault.azure.net)", {
          placeholder: "URL",
        }),
        "graph-endpoint": text("Base URL of Microsoft Graph", { placeholder: "URL" }),
        "arm-endpoint": text("Base URL of Azure Resource Manager", { placeholder: "URL" }),
        "arm-audience": optionalText("Resource that a token for it is for (default: https://management.azure.com)", { placeholder: "URL" }),
        "ca-pem": optionalText("Certificates to trust beside the public ones, as PEM text", { fromFile: "ca-file", placeholder: "PEM" }),
      }),
    output: () => z.object({ name: z.string() }),
    run: async (input) => {
      checkCloudName(input.name);
      if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/u.test(input["key-vault-suffix"])) {
        throw new UscError(
          "usage",
          "--key-vault-suffix is not valid: expected a lower-case host such as vault.example.net, with a port if need be.",
        );
      }
      if (input["ca-pem"] !== undefined && !input["ca-pem"].includes("-----BEGIN CERTIFICATE-----")) {
        throw new UscError("usage", "--ca-file is not valid: it holds no PEM certificate.");
      }
      const cloud = {
        name: input.name,
        "authority-host": baseUrl("authority-host", input["authority-host"]),
        "key-vault-suffix": input["key-vault-suffix"],
        "key-vault-audience": baseUrl("key-vault-audience", input["key-vault-audience"] ?? "https://vault.azure.net"),
        "graph-endpoint": baseUrl("graph-endpoint", input["graph-endpoint"]),
        "arm-endpoint": baseUrl("arm-endpoint", input["arm-endpoint"]),
        ...(input["arm-audience"] === undefined ? {} : { "arm-audience": baseUrl("arm-audience", input["arm-audience"]) }),
        ...(input["ca-pem"] === undefined ? {} : { "ca-pem": input["ca-pem"] }),
        "created-at": rfc3339(clock.now()),
      };
      await store.commit([store.collection(clouds).put(cloud.name, cloud, 0)]);
      return { name: cloud.name };
    },
  });

/** An https URL without credentials, query or trailing slash. */
function baseUrl(field: string, given: string): string {
  const url = URL.parse(given);
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new UscError("usage", `--${field} is not valid: expected an https URL without user, query or fragment.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/u, "");
}
