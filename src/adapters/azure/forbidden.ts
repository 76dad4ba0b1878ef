import { type Noun, typeFlag } from "../../features/objects/port.ts";
import type { Asked, Refusal, Told } from "./errors.ts";

/** Which role holds the data action that Azure says is missing; any other is the officer's. */
const roles: Readonly<Record<string, string>> = {
  "secrets/getSecret/action": "Key Vault Secrets User",
  "secrets/readMetadata/action": "Key Vault Reader or Key Vault Secrets User",
  "certificates/read": "Key Vault Reader or Key Vault Certificate User",
};

/** A 403 by its inner code: what is missing, and who must be given it. */
export function forbidden({ inner, message }: Refusal, vault: Asked, what: string, noun: Noun): Told {
  const target = `the target ${vault.target.name}`;
  const oid = /oid=([0-9a-f-]{36})/i.exec(message)?.[1];
  const { "client-id": client } = vault.target;
  const own = client === undefined ? `the identity of ${target}` : `the service principal of the application ${client}`;
  const caller = oid === undefined ? own : `the object id ${oid}`;
  switch (inner ?? "") {
    case "SecretDisabled":
    case "CertificateDisabled":
      return ["forbidden", `${upper(what)} is disabled.`, `\`usc update --enabled true${typeFlag(noun)}\` enables it.`, "disabled"];
    case "SecretManagedByKeyVault":
      return [
        "forbidden",
        `${upper(what)} belongs to a certificate, and Key Vault alone changes it.`,
        "Delete or renew the certificate instead.",
      ];
    case "ForbiddenByFirewall":
      return [
        "forbidden",
        `The firewall of ${vault.url} refuses ${addressIn(message) ?? "this machine's address"}.`,
        "Allow the address in the vault's networking settings, or run usc in a network that is allowed.",
      ];
    case "ForbiddenByConnection":
      return [
        "forbidden",
        `${vault.url} takes connections over its private endpoint alone.`,
        "Run usc where the private endpoint and its private DNS zone can be reached, or open public network access.",
      ];
    case "ForbiddenByRbac": {
      const action = /Action: 'Microsoft\.KeyVault\/vaults\/([A-Za-z/]{1,80})'/.exec(message)?.[1];
      const role =
        roles[action ?? ""] ??
        (action?.startsWith("certificates/") === true ? "Key Vault Certificates Officer" : "Key Vault Secrets Officer");
      const scope =
        /Resource: '(\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[\w.()-]{1,90}\/providers\/microsoft\.keyvault\/vaults\/[\w-]{3,24})[/']/i.exec(
          message,
        )?.[1];
      return [
        "forbidden",
        action === undefined
          ? `${upper(target)} may not use ${what} in ${vault.url}.`
          : `${upper(target)} may not do ${action} in ${vault.url}.`,
        `Assign the role ${role} at the scope ${scope ?? `of ${vault.url}`} to ${caller}. A role that was assigned a moment ago takes up to ten minutes to take effect.`,
      ];
    }
    case "ForbiddenByPolicy":
    case "AccessDenied": {
      const permission = /does not have ((?:secrets|certificates) [a-z]{1,20}) permission/.exec(message)?.[1];
      return [
        "forbidden",
        `The access policies of ${vault.url} do not let ${target} use ${what}${permission === undefined ? "" : ` (${permission})`}.`,
        `Give ${caller} ${permission === undefined ? "the permission" : `the permission "${permission}"`} in the vault's access policies.`,
      ];
    }
    default:
      return ["forbidden", `${vault.url} refused ${target} the access to ${what}.`, `Give ${caller} a role or an access policy.`];
  }
}

const addressIn = (message: string): string | undefined =>
  /^Client address: ([0-9a-f.:]{2,45})\r?$/im.exec(message)?.[1]?.replace(/^/, "the address ");

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
