import type { SecretProperties } from "../objects/port.ts";

/** What has a date at which it expires, epoch milliseconds. */
export type Dated = SecretProperties & { expires: number };

export const isDated = (item: SecretProperties): item is Dated => item.expires !== undefined;

/** A certificate is found by the secret behind it, which has its name and its date. */
export const typeOf = ({ managed }: SecretProperties): "secret" | "certificate" => (managed ? "certificate" : "secret");
