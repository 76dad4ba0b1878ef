import * as z from "zod/mini";
import type { Certificate, CertificateProperties, Issuance } from "../../features/objects/certificate-port.ts";
import type { Deleted } from "../../features/objects/port.ts";
import { once } from "../../kernel/once.ts";
import { present } from "../../kernel/present.ts";
import { deletion, deletionOf, face, faceOf } from "./answers.ts";

const maybe = once(() => z.optional(z.string()));
const row = once(() => ({ ...face(), x5t: z.optional(z.string().check(z.regex(/^[\w-]{27}$/))) }));
type Row = z.infer<z.ZodMiniObject<ReturnType<typeof row>>>;

const certificateId = /^https:\/\/[^/]+\/(?:deleted)?certificates\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-fA-F]{32}))?$/;

function propertiesOf(raw: Row, context: z.core.ParsePayload): CertificateProperties {
  return {
    ...faceOf(raw, certificateId, context),
    ...(raw.x5t === undefined ? {} : { thumbprint: Buffer.from(raw.x5t, "base64url").toString("hex").toUpperCase() }),
  };
}

export const CertificateRow = once(() => z.pipe(z.object(row()), z.transform(propertiesOf)));

/** Asked for by its version it comes without a policy; in the making, without a certificate. */
export const CertificateBundle = once(() => {
  const policy = z.object({
    key_props: z.optional(z.object({ exportable: z.optional(z.boolean()) })),
    secret_props: z.optional(z.object({ contentType: maybe() })),
    issuer: z.optional(z.object({ name: maybe() })),
  });
  return z.pipe(
    z.object({ ...row(), cer: maybe(), policy: z.optional(policy) }),
    z.transform(({ cer, policy: made, ...raw }, context): Certificate => ({
      ...propertiesOf(raw, context),
      ...(cer === undefined || cer === "" ? {} : { der: Buffer.from(cer, "base64") }),
      ...(made === undefined
        ? {}
        : {
            policy: present({
              exportable: made.key_props?.exportable,
              contentType: made.secret_props?.contentType,
              issuer: made.issuer?.name,
            }),
          }),
    })),
  );
});

export const DeletedCertificate = once(() =>
  z.pipe(
    z.object({ ...row(), ...deletion() }),
    z.transform((raw, context): Deleted<CertificateProperties> => ({ ...propertiesOf(raw, context), ...deletionOf(raw) })),
  ),
);

const page = <S extends z.ZodMiniType>(schema: S) => z.object({ value: z.array(schema), nextLink: z.optional(z.nullable(z.string())) });
export const CertificatesPage = once(() => page(CertificateRow()));
export const DeletedCertificatesPage = once(() => page(DeletedCertificate()));

export const CertificateOperation = once(() => {
  const failure = z.optional(z.nullable(z.object({ code: maybe(), message: maybe() })));
  return z.pipe(
    z.object({
      request_id: z.string(),
      status: z.string(),
      issuer: z.optional(z.object({ name: maybe() })),
      csr: maybe(),
      error: failure,
    }),
    z.transform(({ request_id, status, issuer, csr, error }): Issuance => {
      const told = error?.message ?? error?.code;
      return {
        request: request_id,
        status: statuses.find((known) => known.toLowerCase() === status.toLowerCase()) ?? "inProgress",
        issuer: issuer?.name ?? "",
        csr: Buffer.from(csr ?? "", "base64"),
        ...(told === undefined ? {} : { failure: told }),
      };
    }),
  );
});

const statuses = ["completed", "cancelled", "failed"] as const;
