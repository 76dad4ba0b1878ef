import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Figures, file, measure as measured, median, stage, tell, usc } from "./stage.ts";

// Whole-process CPU (user + system) and wall, in pairs A B B A, as the median of the pair ratios. `npm run bench -- 30` sets the pairs.
const pairs = Number(process.argv[2] ?? 20);
const { ready, vault, home, environment, control, run, token, end } = await stage("bench");
const slowLine = spawn(process.execPath, [file("slow-line.ts"), new URL(vault.direct_url).port, "20"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const far = `https://127.0.0.1:${String((await once(slowLine.stdout, "data"))[0]).trim()}`;

const measure = (argv: readonly string[], extra: Record<string, string> = {}): Figures => measured(argv, { ...environment, ...extra });

async function paired(
  what: string,
  bar: number,
  figure: keyof Figures,
  ours: () => Figures | Promise<Figures>,
  yardstick: () => Figures,
): Promise<void> {
  await ours();
  yardstick();
  const ratios: number[] = [];
  const own: number[] = [];
  for (let index = 0; index < pairs; index += 1) {
    const oursFirst = index % 2 === 0;
    const first = oursFirst ? await ours() : yardstick();
    const second = oursFirst ? yardstick() : await ours();
    const [a, b] = oursFirst ? [first, second] : [second, first];
    ratios.push(a[figure] / b[figure]);
    own.push(a[figure]);
  }
  tell(what, figure, median(ratios), bar, `${Math.round(median(own) * 1000)} ms`);
}

try {
  run(["create-usc", "--name", "far", "--target-to-associate", "t", "--azure-kv-url", far]);
  // Before the first call: no token, no verified challenge.
  cpSync(join(home, "state"), join(home, "cold"), { recursive: true });
  const secretUrl = `${vault.direct_url}/secrets/probe?api-version=7.4`;
  const bare = { URL: secretUrl, TOKEN: token() };
  const login = `${ready.authority_host}/${ready.tenant_id}/oauth2/v2.0/token`;
  const get = [usc, "get", "--usc-name", "kv", "--secret-id", "probe"];
  const farGet = [usc, "get", "--usc-name", "far", "--secret-id", "probe"];

  run(get.slice(1));
  await control("/requests", "DELETE");
  run(get.slice(1));
  const { requests } = (await control("/requests")) as { requests: { connection: number }[] };
  console.log(`warm get: ${requests.length} request on ${new Set(requests.map(({ connection }) => connection)).size} connection`);
  await paired(
    "--version / node -e 0",
    1.1,
    "cpu",
    () => measure([usc, "--version"]),
    () => measure(["-e", "0"]),
  );
  await paired(
    "warm get / bare https.get with the token in hand",
    1.3,
    "cpu",
    () => measure(get),
    () => measure([file("bare-get.cjs")], bare),
  );
  run(farGet.slice(1));
  await paired(
    "warm get / bare, 40 ms round trip (TCP, TLS and HTTP)",
    1.08,
    "wall",
    () => measure(farGet),
    () => measure([file("bare-get.cjs")], { ...bare, URL: secretUrl.replace(vault.direct_url, far) }),
  );
  await paired(
    "cold get (token and challenge) / bare with a token call",
    Number.NaN,
    "cpu",
    () => {
      rmSync(join(home, "again"), { recursive: true, force: true });
      cpSync(join(home, "cold"), join(home, "again"), { recursive: true });
      return measure(get, { USC_HOME: join(home, "again") });
    },
    () => measure([file("bare-cold.cjs")], { ...bare, LOGIN: login, CLIENT: ready.client_id, SECRET: ready.client_secret }),
  );
  for (let index = 0; index < 2000; index += 1)
    await control(`/secrets/${vault.name}/bulk-${String(index).padStart(4, "0")}`, "PUT", { value: "v" });
  await control("/requests", "DELETE");
  run(["list", "--usc-name", "kv"]);
  const listed = (await control("/requests")) as { requests: { connection: number }[] };
  console.log(
    `list of 2,001: ${listed.requests.length} requests on ${new Set(listed.requests.map(({ connection }) => connection)).size} connection`,
  );
  await paired(
    "list of 2,001 / bare loop",
    1.35,
    "cpu",
    () => measure([usc, "list", "--usc-name", "kv"]),
    () => measure([file("bare-list.cjs")], { ...bare, URL: `${vault.direct_url}/secrets?api-version=7.4` }),
  );
  await paired(
    "get-all of 2,001 at concurrency 32 / bare loop",
    Number.NaN,
    "cpu",
    () => measure([usc, "get-all", "--usc-name", "kv", "--concurrency", "32"]),
    () => measure([file("bare-get-all.cjs")], { ...bare, URL: `${vault.direct_url}/secrets?api-version=7.4` }),
  );
  await paired(
    "export of 2,001 at concurrency 32 / bare loop",
    Number.NaN,
    "cpu",
    () => measure([usc, "export", "--usc-name", "kv", "--format", "json", "--concurrency", "32"]),
    () => measure([file("bare-get-all.cjs")], { ...bare, URL: `${vault.direct_url}/secrets?api-version=7.4` }),
  );
  const [pack] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8" })) as {
    unpackedSize: number;
    size: number;
  }[];
  console.log(`installed: ${Math.round((pack?.unpackedSize ?? 0) / 1024)} KiB, 0 dependencies`);
} finally {
  slowLine.kill();
  end();
}

await import("./gateway.ts");
await import("./rotation.ts");
