import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A folder in which OpenSSL makes and judges what certificates are made of. `read` and `write` know names in it. */
export function opensslFolder() {
  const folder = mkdtempSync(join(tmpdir(), "usc-emulator-openssl-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (...words: string[]): string =>
    execFileSync("openssl", words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content);
  return {
    run,
    read,
    write,
    path: (name: string): string => join(folder, name),
    /** A key and its self-signed certificate, NAME.key and NAME.crt, as PEM. */
    pair(name: string, subject: string, ...more: string[]): { key: string; certificate: string; der: Buffer } {
      const algorithm = more.includes("-newkey") ? [] : ["-newkey", "rsa:2048"];
      run(
        "req",
        "-x509",
        "-nodes",
        ...algorithm,
        "-subj",
        subject,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.crt`,
        "-days",
        "700",
        ...more,
      );
      run("x509", "-in", `${name}.crt`, "-outform", "der", "-out", `${name}.der`);
      return { key: read(`${name}.key`).toString(), certificate: read(`${name}.crt`).toString(), der: read(`${name}.der`) };
    },
    /** A PFX of NAME.key and NAME.crt. */
    pfx(name: string, password: string, ...more: string[]): Buffer {
      run(
        "pkcs12",
        "-export",
        "-inkey",
        `${name}.key`,
        "-in",
        `${name}.crt`,
        "-passout",
        `pass:${password}`,
        "-out",
        `${name}.pfx`,
        ...more,
      );
      return read(`${name}.pfx`);
    },
  };
}

const ec = (curve: string): string[] => ["-newkey", "ec", "-pkeyopt", `ec_paramgen_curve:${curve}`];
export const p256 = ec("P-256");
export const p384 = ec("P-384");
