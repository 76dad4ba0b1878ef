import {
  alternativeKinds,
  lifetimeActions,
  pemType,
  pfxType,
  type AlternativeNames,
  type CertificateProperties,
  type KeyProperties,
  type Policy,
} from "./certificate-policy.ts";
import { vaultErrors } from "./vault-errors.ts";
import { asObject } from "./vault-input.ts";

const curveSizes: Readonly<Record<string, number>> = { "P-256": 256, "P-384": 384, "P-521": 521, "P-256K": 256 };
const keyTypes = ["RSA", "EC", "RSA-HSM", "EC-HSM"];
const rsaSizes = [2048, 3072, 4096];

/** A policy that was sent, over what it leaves out. */
export function readPolicy(given: unknown, base: Policy, now: number): Policy {
  const policy = membersOf(given, "policy");
  const issuer = readIssuer(membersOf(policy["issuer"], "issuer"), base.issuer);
  const actions = Array.isArray(policy["lifetime_actions"]) ? policy["lifetime_actions"] : base.lifetime_actions;
  return {
    key_props: readKey(membersOf(policy["key_props"], "key_props"), base.key_props),
    secret_props: { contentType: readContentType(membersOf(policy["secret_props"], "secret_props"), base) },
    x509_props: readX509(membersOf(policy["x509_props"], "x509_props"), base.x509_props),
    lifetime_actions: actions.length === 0 ? lifetimeActions(issuer.name) : actions,
    issuer,
    attributes: { ...base.attributes, updated: now },
  };
}

function readKey(given: Members, base: KeyProperties): KeyProperties {
  const kty = one(given, "kty", isString, base.kty);
  if (!keyTypes.includes(kty)) throw invalid("kty");
  const shared = {
    exportable: one(given, "exportable", isFlag, base.exportable),
    kty,
    reuse_key: one(given, "reuse_key", isFlag, base.reuse_key),
  };
  if (kty.startsWith("EC")) {
    const wished = one(given, "key_size", isWhole, 0);
    const crv = one(given, "crv", isString, curveOf(wished) ?? base.crv ?? "P-256");
    const size = curveSizes[crv];
    if (size === undefined) throw invalid("crv");
    return { ...shared, key_size: size, crv };
  }
  const size = one(given, "key_size", isWhole, base.kty.startsWith("RSA") ? base.key_size : 2048);
  if (!rsaSizes.includes(size)) throw invalid("key_size");
  return { ...shared, key_size: size };
}

function curveOf(size: number): string | undefined {
  return Object.keys(curveSizes).find((crv) => curveSizes[crv] === size);
}

function readContentType(given: Members, base: Policy): string {
  const type = one(given, "contentType", isString, base.secret_props.contentType);
  if (type !== pfxType && type !== pemType) throw invalid("contentType");
  return type;
}

function readX509(given: Members, base: CertificateProperties): CertificateProperties {
  const names = readAlternativeNames(given["sans"]) ?? base.sans;
  const constraints = membersOf(given["basic_constraints"], "basic_constraints");
  const months = one(given, "validity_months", isWhole, base.validity_months);
  if (months < 1 || months > 1_200) throw invalid("validity_months");
  return {
    subject: one(given, "subject", isString, base.subject),
    ...(names === undefined ? {} : { sans: names }),
    ekus: one(given, "ekus", isStrings, base.ekus),
    // The service gives them back sorted.
    key_usage: one(given, "key_usage", isStrings, base.key_usage).toSorted(),
    validity_months: months,
    basic_constraints: { ca: one(constraints, "ca", isFlag, base.basic_constraints.ca) },
  };
}

function readAlternativeNames(given: unknown): AlternativeNames | undefined {
  if (given === undefined || given === null) return undefined;
  const sans = membersOf(given, "sans");
  const listed = alternativeKinds.flatMap((kind) => {
    const names = one(sans, kind, isStrings, []);
    return names.length === 0 ? [] : [[kind, names] as const];
  });
  return Object.fromEntries(listed);
}

function readIssuer(given: Members, base: Policy["issuer"]): Policy["issuer"] {
  const type = given["cty"];
  const transparency = given["cert_transparency"];
  return {
    ...base,
    name: one(given, "name", isString, base.name),
    ...(isString(type) ? { cty: type } : {}),
    ...(isFlag(transparency) ? { cert_transparency: transparency } : {}),
  };
}

type Members = Record<string, unknown>;

function membersOf(given: unknown, name: string): Members {
  if (given === undefined || given === null) return {};
  const object = asObject(given);
  if (object === undefined) throw invalid(name);
  return object;
}

/** One member, or what stands there without it. null is as good as absent. */
function one<T>(from: Members, name: string, fits: (value: unknown) => value is T, otherwise: NoInfer<T>): T {
  const given = from[name] ?? undefined;
  if (given === undefined) return otherwise;
  if (!fits(given)) throw invalid(name);
  return given;
}

/** A form that the service has (Azure/azure-rest-api-specs#11361); which property it names, is a guess. */
function invalid(property: string): Error {
  return vaultErrors.badParameter(`Property ${property} has invalid value\r\n`);
}

const isString = (value: unknown): value is string => typeof value === "string";
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
const isWhole = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value);
const isStrings = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isString);
