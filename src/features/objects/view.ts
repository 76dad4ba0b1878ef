import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import type { CertificateProperties } from "./certificate-port.ts";
import type { ObjectProperties, SecretProperties } from "./port.ts";

export const time = (epochMs: number | undefined): string | undefined => (epochMs === undefined ? undefined : rfc3339(epochMs));

/** `name` with its time, or nothing: an absent date is absent. */
export const dated = <N extends string>(name: N, epochMs: number | undefined): { [K in N]?: string } =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key loses its name to the type checker
  (epochMs === undefined ? {} : { [name]: rfc3339(epochMs) }) as { [K in N]?: string };

/** What a row tells of an object's attributes. */
export const attributeRow = () => ({
  created: z.optional(z.string()),
  type: z.optional(z.string()),
  thumbprint: z.optional(z.string()),
  status: z.boolean(),
  expiration: z.optional(z.string()),
  activation_date: z.optional(z.string()),
  tags: z.record(z.string(), z.string()),
});

type Shown = ObjectProperties & Partial<Pick<SecretProperties, "managed" | "contentType"> & Pick<CertificateProperties, "thumbprint">>;

/** A secret always has a type, and a certificate a thumbprint. What is absent is undefined here: leaving it out costs a long list more. */
export const attributesShown = (item: Shown) => ({
  created: time(item.created),
  type: item.managed === undefined ? undefined : (item.contentType ?? ""),
  thumbprint: item.thumbprint,
  status: item.enabled,
  expiration: time(item.expires),
  activation_date: time(item.notBefore),
  tags: item.tags,
});
