declare module "node-forge/lib/pbe.js" {
  import type { Bytes } from "node-forge/lib/util.js";
  const pbe: {
    generatePkcs12Key(password: string | null, salt: Bytes, purpose: number, iterations: number, length: number, digest: unknown): Bytes;
  };
  export default pbe;
}

declare module "node-forge/lib/md.all.js" {
  const md: object;
  export default md;
}
