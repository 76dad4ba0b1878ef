import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkout } from "./cli.ts";
import type { localAzure } from "./local-azure.ts";

const run = promisify(execFile);

/** What a client shows of a certificate. */
export interface Shown {
  der: Buffer;
  thumbprint: string;
  tags: Record<string, string>;
  /** The secret behind it, as it is kept, and its form. */
  secret: string;
  type: string;
}

/** One client of a vault, as far as it has to do with the others. */
export interface Witness {
  importPem(name: string, file: string): Promise<unknown>;
  importPfx(name: string, file: string, password: string): Promise<unknown>;
  make(name: string): Promise<unknown>;
  tag(name: string, tags: Record<string, string>): Promise<unknown>;
  read(name: string): Promise<Shown>;
  names(): Promise<string[]>;
  put(name: string, file: string, form: "text" | "binary"): Promise<unknown>;
  take(name: string): Promise<Buffer>;
}

type Azure = Awaited<ReturnType<typeof localAzure>>;

/** What any program of Azure's takes to find the real names through the proxy. */
const way = ({ ready }: Azure) => ({
  PATH: process.env["PATH"] ?? "",
  HTTPS_PROXY: ready.proxy_url ?? "",
  REQUESTS_CA_BUNDLE: ready.ca_file,
  SSL_CERT_FILE: ready.ca_file,
  NODE_EXTRA_CA_CERTS: ready.ca_file,
});
const install = (...words: string[]) => run("sh", ["tools/python/install.sh", ...words], { cwd: checkout });
const flagsOf = (tags: Record<string, string>): string[] => Object.entries(tags).map(([tag, text]) => `${tag}=${text}`);

/** Of a text that nobody may see in the output of a test. */
export const sumOf = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** Microsoft's az, logged in. */
export async function azWitness(azure: Azure): Promise<Witness> {
  await install("az", "--no-deps");
  const { ready, folder } = azure;
  const more = { AZURE_CORE_COLLECT_TELEMETRY: "0", AZURE_CORE_ONLY_SHOW_ERRORS: "1" };
  const env = { ...way(azure), ...more, PYTHONPATH: join(checkout, ".tools/az"), AZURE_CONFIG_DIR: join(folder, "az-config") };
  // Answers are looked into freely: a wrong guess fails the test that made it.
  // oxlint-disable-next-line typescript/no-explicit-any
  const az = async (...words: string[]): Promise<any> => {
    const { stdout } = await run("python3", ["-m", "azure.cli", ...words], { env, cwd: "/" });
    return stdout === "" ? undefined : JSON.parse(stdout);
  };
  const who = ["--service-principal", "--username", ready.client_id, "--tenant", ready.tenant_id];
  await az("login", ...who, "--password", ready.client_secret);
  const vault = ["--vault-name", "demo"];
  const on = (kind: string, verb: string, name: string, ...words: string[]) =>
    az("keyvault", kind, verb, ...vault, "--name", name, ...words);
  let files = 0;
  const downloaded = async (kind: string, name: string, ...words: string[]): Promise<Buffer> => {
    const file = join(folder, `down-${(files += 1)}`);
    await on(kind, "download", name, "--file", file, ...words);
    return readFileSync(file);
  };
  return {
    importPem: (name, file) => on("certificate", "import", name, "--file", file),
    importPfx: (name, file, password) => on("certificate", "import", name, "--file", file, "--password", password),
    make: async (name) =>
      on("certificate", "create", name, "--policy", JSON.stringify(await az("keyvault", "certificate", "get-default-policy"))),
    tag: (name, tags) => on("certificate", "set-attributes", name, "--tags", ...flagsOf(tags)),
    async read(name) {
      const [shown, der, secret, file] = await Promise.all([
        on("certificate", "show", name),
        downloaded("certificate", name, "--encoding", "DER"),
        on("secret", "show", name),
        downloaded("secret", name, "--encoding", "utf-8"),
      ]);
      if (shown.cer !== der.toString("base64")) throw new Error("az shows and downloads two certificates");
      if (sumOf(secret.value) !== sumOf(file)) throw new Error("az shows and downloads two secrets");
      const { value, contentType: type } = secret;
      return { der, thumbprint: shown.x509ThumbprintHex, tags: shown.tags ?? {}, secret: value, type };
    },
    names: async () => (await az("keyvault", "certificate", "list", ...vault)).map((row: { name: string }) => row.name),
    // It reads a text file with line ends of its own: a text goes as a word.
    put: (name, file, form) =>
      on("secret", "set", name, ...(form === "text" ? ["--value", readFileSync(file, "utf8")] : ["--file", file, "--encoding", "base64"])),
    take: (name) => downloaded("secret", name),
  };
}

/** Microsoft's clients for Python. */
export async function pythonWitness(azure: Azure): Promise<Witness> {
  await install();
  const { ready } = azure;
  const who = { WITNESS_TENANT: ready.tenant_id, WITNESS_CLIENT: ready.client_id, WITNESS_SECRET: ready.client_secret };
  const env = { ...way(azure), ...who, PYTHONPATH: join(checkout, ".tools/python") };
  const does = async <T = unknown>(verb: string, words: object = {}): Promise<T> => {
    const { stdout } = await run("python3", ["tools/python/witness_exchange.py", JSON.stringify([[verb, words]])], { env, cwd: checkout });
    return (JSON.parse(stdout) as [T])[0];
  };
  return {
    importPem: (name, file) => does("import_pem", { name, file }),
    importPfx: (name, file, password) => does("import_pfx", { name, file, password }),
    make: (name) => does("make", { name }),
    tag: (name, tags) => does("tag", { name, tags }),
    async read(name) {
      const { cer, ...shown } = await does<Shown & { cer: string }>("read", { name });
      return { ...shown, der: Buffer.from(cer, "base64") };
    },
    names: () => does("names"),
    put: (name, file, form) => does("put", { name, file, binary: form === "binary" }),
    take: async (name) => Buffer.from(await does<string>("take", { name }), "base64"),
  };
}

/** Ours, in the cloud that everybody knows. */
export async function uscWitness(azure: Azure): Promise<Witness & { pem(name: string): Promise<string> }> {
  const { ready } = azure;
  const env = way(azure);
  const usc = async (words: readonly string[], input = "") => {
    const out = await azure.usc([...words, "--timeout", "120"], { env, input });
    if (out.exit !== 0) throw new Error(`usc ${words[0]} ended with ${out.exit}: ${out.stderr}`);
    return out;
  };
  const who = ["--tenant-id", ready.tenant_id, "--client-id", ready.client_id, "--client-secret-file", "-"];
  await azure.usc(["target", "create", "azure", "--name", "real", ...who], { input: ready.client_secret });
  await azure.usc(["create-usc", "--name", "real", "--target-to-associate", "real", "--azure-kv-name", "demo"]);
  const on = (verb: string, ...words: string[]) => usc([verb, "-n", "real", ...words]);
  const certificate = (verb: string, ...words: string[]) => on(verb, "--object-type", "certificate", ...words);
  const metadataOf = async (...words: string[]) => (await on("get", ...words)).json["metadata"] as Shown & Record<string, string>;
  return {
    importPem: (name, file) => certificate("create", "-s", name, "--value-file", file),
    importPfx: (name, file, password) =>
      usc(["create", "-n", "real", "--object-type", "certificate", "-s", name, "--value-file", file, "--pfx-password-file", "-"], password),
    make: (name) => certificate("create", "-s", name, "--subject", "CN=made.example"),
    tag: (name, tags) => certificate("update", "-s", name, ...flagsOf(tags).flatMap((tag) => ["--tags", tag])),
    async read(name) {
      const { bytes: der } = await certificate("get", "-s", name, "-o", "der");
      const { thumbprint, tags } = await metadataOf("--object-type", "certificate", "-s", name);
      const { type } = await metadataOf("-s", name);
      return { der, thumbprint, tags, type, secret: (await on("get", "-s", name, "-o", "raw")).stdout };
    },
    names: async () => ((await certificate("list")).json["secrets_list"] as { name: string }[]).map(({ name }) => name),
    put: (name, file) => on("create", "-s", name, "--value-file", file),
    take: async (name) => (await on("get", "-s", name, "-o", "raw")).bytes,
    pem: async (name) => (await certificate("get", "-s", name, "-o", "pem")).stdout,
  };
}
