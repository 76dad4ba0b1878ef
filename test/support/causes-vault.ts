import { type Cause, kinds, type Lab } from "./cause.ts";

const { unavailable, forbidden } = kinds;

/** The vault, or what stands in its place, refuses. */
export function vaultCauses({ ready, control }: Lab): Record<string, Cause> {
  const settings = (body: object) => () => control("/settings", "PUT", body);
  return {
    "a vault that does not exist, in the local Azure": {
      step: "challenge",
      ...unavailable,
      seen: true,
      vault: "nobodys-vault",
      sentence: /^The vault https:\/\/nobodys-vault\.\S+ does not exist\.$/u,
      hint: /vault's name/u,
    },
    "a challenge that asks for another login": {
      step: "challenge",
      ...forbidden,
      calls: 1,
      cloud: { "authority-host": ready.authority_host.replace("127.0.0.1", "localhost") },
      sentence: /asks for a token of another service or login than the cloud \S+; none was sent/u,
      hint: /vault's address and the target's cloud/u,
    },
    "a challenge that asks for another service": {
      ...forbidden,
      calls: 1,
      cloud: { "key-vault-audience": "https://vault.usgovcloudapi.net" },
      sentence: /asks for a token of another service/u,
      hint: /target's cloud/u,
    },
    "a missing role": {
      step: "list",
      ...forbidden,
      arrange: () => control("/role-assignments", "PUT", { roles: [] }),
      sentence: /may not do secrets\/getSecret\/action/u,
      hint: new RegExp(
        `^Assign the role Key Vault Secrets User at the scope /subscriptions/${ready.subscription_id}/resourcegroups/\\S+/vaults/demo to the object id [0-9a-f-]{36}\\. .*ten minutes`,
        "u",
      ),
    },
    "a missing role to write": {
      ...forbidden,
      argv: ["create", "--overwrite", "--value", "v4lue-canary"],
      arrange: () => control("/role-assignments", "PUT", { roles: ["Key Vault Secrets User"] }),
      sentence: /may not do secrets\/setSecret\/action/u,
      hint: /Key Vault Secrets Officer/u,
    },
    "a vault with access policies": {
      step: "get",
      ...forbidden,
      arrange: async () => {
        await settings({ access: "policies" })();
        await control("/access-policies", "PUT", { secrets: ["list"] });
      },
      sentence: /The access policies of \S+ do not let the target \S+ use the secret x \(secrets get\)/u,
      hint: /^Give the object id [0-9a-f-]{36} the permission "secrets get" in the vault's access policies\.$/u,
    },
    "a firewall": {
      step: "list",
      ...forbidden,
      arrange: settings({ network: "firewall" }),
      sentence: /^The firewall of \S+ refuses the address 127\.0\.0\.1\.$/u,
      hint: /networking settings/u,
    },
    "a private endpoint": {
      step: "list",
      ...forbidden,
      arrange: settings({ network: "private" }),
      sentence: /over its private endpoint alone/u,
      hint: /private DNS zone/u,
    },
    "a disabled object": {
      ...forbidden,
      arrange: () => control("/secrets/demo/x", "PUT", { value: "v4lue-canary", enabled: false }),
      sentence: /^The secret x is disabled\.$/u,
      hint: /--enabled true/u,
    },
    "a vault that fails": {
      ...unavailable,
      seen: true,
      calls: 3,
      argv: ["get", "--max-retries", "0"],
      arrange: () => control("/faults", "POST", { status: 503, path: "/secrets/*", skip: 1, times: 9 }),
      sentence: /is not available at the moment \(HTTP 503\)/u,
      hint: /later/u,
    },
    "a host that is no vault": {
      ...unavailable,
      step: "challenge",
      seen: true,
      arrange: () => control("/faults", "POST", { status: 200, path: "/secrets*", times: 9, body: "<html>" }),
      sentence: /did not answer as a Key Vault does \(HTTP 200\)/u,
      hint: /vault's address/u,
    },
    throttling: {
      ...unavailable,
      seen: true,
      calls: 3,
      argv: ["get", "--max-retries", "0"],
      arrange: () => control("/faults", "POST", { status: 429, method: "GET", path: "/secrets/*", skip: 1, times: 9, retry_after: 7 }),
      sentence: /it is throttling \(HTTP 429\)/u,
      hint: /--concurrency/u,
    },
  };
}
