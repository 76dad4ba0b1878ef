import { UscError } from "../../kernel/errors.ts";
import { choice, flag, optionalGuid, optionalText } from "../../kernel/fields.ts";
import { type May, type Need, onSystem, refused } from "../../kernel/rights.ts";
import { type ConnectionType, connectionTypes } from "./model.ts";

const secretSummary = "Client secret: its value, not its id";

/** For the verb that cannot do without one: a terminal is asked for it, unless another type is named. */
export const askedSecret = () =>
  optionalText(secretSummary, { secret: true, askedWith: { "connection-type": "credentials", "use-gw-cloud-identity": "false" } });

/** How a target proves who it is: on every verb that stores one. */
export const credentialFields = () => ({
  "connection-type": choice("How it proves who it is (default: credentials; cloud-identity is managed-identity)", [
    ...connectionTypes,
    "cloud-identity",
  ]),
  "use-gw-cloud-identity": flag("The same as --connection-type managed-identity", { short: "i" }),
  "tenant-id": optionalGuid("Directory (tenant) id"),
  "client-id": optionalGuid("Application (client) id"),
  "client-secret": optionalText(secretSummary, { secret: true }),
  "client-certificate": optionalText("Certificate with its RSA key: PEM, PFX, or base64 of these", {
    secret: true,
    bytes: true,
    placeholder: "PEM",
  }),
  "client-certificate-password": optionalText("Password of the PFX or of the key; it is not stored", { secret: true }),
  "send-certificate-chain": flag("Show Entra the certificate's chain: for applications that trust a subject and an issuer"),
  "federated-token-file": optionalText("File that the platform keeps a token in; read at each login", { placeholder: "PATH", local: true }),
  "managed-identity-client-id": optionalGuid("The user-assigned identity with this client id (default: the system's)"),
  "managed-identity-object-id": optionalGuid("The user-assigned identity with this object id"),
  "managed-identity-resource-id": optionalText("The user-assigned identity with this resource id", { placeholder: "ID" }),
});

export const selectors = ["managed-identity-client-id", "managed-identity-object-id", "managed-identity-resource-id"] as const;

/** The fields of each type. `proof` is what it cannot do without, and is given anew wherever it shall go to a new place. */
export const fieldsOfType = {
  credentials: { ids: ["tenant-id", "client-id"], proof: "client-secret", more: [] },
  certificate: {
    ids: ["tenant-id", "client-id"],
    proof: "client-certificate",
    more: ["client-certificate-password", "send-certificate-chain"],
  },
  "workload-identity": { ids: ["tenant-id", "client-id"], proof: "federated-token-file", more: [] },
  "managed-identity": { ids: [], proof: undefined, more: ["tenant-id", ...selectors] },
  "azure-cli": { ids: [], proof: undefined, more: ["tenant-id"] },
  environment: { ids: [], proof: undefined, more: ["tenant-id"] },
} as const satisfies Record<ConnectionType, { ids: readonly Field[]; proof: Field | undefined; more: readonly Field[] }>;

export type Field = Exclude<keyof ReturnType<typeof credentialFields>, "connection-type" | "use-gw-cloud-identity">;

export const fieldsOf = (type: ConnectionType): readonly Field[] => {
  const { ids, proof, more } = fieldsOfType[type];
  return proof === undefined ? [...ids, ...more] : [...ids, proof, ...more];
};

/** What a target of the machine's own identities has no proof of: the machine is the proof. */
const machineTypes = connectionTypes.filter((type) => fieldsOfType[type].proof === undefined);

/** Who stores a target of these types lets others act as the machine: a gateway's own identity is not every caller's to give. */
const asTheMachine = onSystem("reveal", "/identity");
export const credentialNeeds: readonly Need[] = [
  { ...asTheMachine, when: "connection-type", is: [...machineTypes, "cloud-identity"] },
  { ...asTheMachine, when: "use-gw-cloud-identity" },
];

/** Nor is it his to say as which of the machine's identities a stored target acts, or whose cloud gets its tokens: no field of his names the type. */
export function refuseMachine(may: May, type: ConnectionType, given: { readonly [F in Field | "azure-cloud"]?: unknown }): void {
  const says = ([...fieldsOf(type), "azure-cloud"] as const).some((field) => given[field] !== undefined);
  const { capability, kind, at = "" } = asTheMachine;
  if (says && machineTypes.includes(type) && !may(capability, kind, at)) throw refused(capability, kind, at);
}

export interface GivenType {
  "connection-type"?: ConnectionType | "cloud-identity" | undefined;
  "use-gw-cloud-identity"?: boolean | undefined;
}

/** The type that was asked for, or undefined. */
export function typeGiven({ "connection-type": named, "use-gw-cloud-identity": akeyless }: GivenType): ConnectionType | undefined {
  const type = named === "cloud-identity" ? "managed-identity" : named;
  if (akeyless !== true) return type;
  if (type !== undefined && type !== "managed-identity") {
    throw new UscError("usage", `--use-gw-cloud-identity and --connection-type ${type} exclude each other.`, {
      hint: "Leave one of them out.",
    });
  }
  return "managed-identity";
}

/** Refuses a field of another type: it would be stored and never used, or used and never meant. */
export function requireOwnFields(type: ConnectionType, given: { readonly [F in Field]?: unknown }): void {
  const isGiven = (field: Field): boolean => given[field] !== undefined && given[field] !== false;
  const foreign = fieldNames.find((field) => isGiven(field) && !fieldsOf(type).includes(field));
  if (foreign !== undefined) {
    const owners = connectionTypes.filter((each) => fieldsOf(each).includes(foreign));
    throw new UscError("usage", `--${foreign} belongs to --connection-type ${owners.join(" or ")}, and this target's type is ${type}.`, {
      hint:
        type === "managed-identity" && foreign === "client-id"
          ? "A user-assigned identity is named by --managed-identity-client-id."
          : "Leave it out, or name the type that it belongs to.",
    });
  }
  const [first, second] = selectors.filter(isGiven);
  if (second !== undefined) throw new UscError("usage", `--${first} and --${second} exclude each other: one of them names the identity.`);
}

const fieldNames: readonly Field[] = [...new Set(connectionTypes.flatMap(fieldsOf))];
