import { pemType } from "../../src/features/objects/certificate-port.ts";
import type { AzureHouse } from "./azure-house.ts";
import type { Look } from "./look.ts";
import { certificateFor, nameOfThumbprint } from "./test-certificates.ts";

export type Stands = "absent" | "live" | "deleted" | "asked";

/**
 * Certificates of a house past usc. What was imported is told by its name, what Key Vault has made itself as `made`, a request that waits for a CA
 * outside, or an issuance that goes on, as `asked`.
 */
export function certificateDesk({ clear, clock, wire }: Pick<AzureHouse, "clear" | "clock" | "wire">) {
  /** Makes the name stand like this, with `old` in it, whatever it was. */
  const place = async (name: string, is: Stands): Promise<void> => {
    await clear("certificates", name);
    if (is === "absent") return;
    if (is === "asked") {
      const policy = { issuer: { name: "Unknown" }, x509_props: { subject: "CN=asked" }, key_props: { kty: "EC" } };
      await wire("POST", `/certificates/${name}/create`, { policy });
      return;
    }
    const policy = { secret_props: { contentType: pemType } };
    await wire("POST", `/certificates/${name}/import`, { value: certificateFor("old").pem, policy });
    if (is === "deleted") await wire("DELETE", `/certificates/${name}`);
    clock.leap(1000);
  };

  const look = async (name: string): Promise<Look> => {
    const { status, json } = await wire("GET", `/certificates/${name}`);
    if (status === 404)
      return { is: (await wire("GET", `/deletedcertificates/${name}`)).status === 404 ? "absent" : "deleted", versions: 0 };
    if (json.cer === undefined) return { is: "asked", versions: 0 };
    const word = nameOfThumbprint(Buffer.from(json.x5t, "base64url").toString("hex").toUpperCase()) ?? "made";
    const open = (await wire("GET", `/certificates/${name}/pending`)).json.status === "inProgress" ? ", asked" : "";
    const { json: list } = await wire("GET", `/certificates/${name}/versions`);
    return { is: `live ${word}${open}`, versions: list.value.length };
  };

  /** The request that waits there, in DER. */
  const request = async (name: string): Promise<Buffer> =>
    Buffer.from((await wire("GET", `/certificates/${name}/pending`)).json.csr, "base64");

  return { place, look, request };
}
