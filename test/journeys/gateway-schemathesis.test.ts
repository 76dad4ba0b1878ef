import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { checkout } from "../support/cli.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";

const run = promisify(execFile);
const lab = await localAzure();
const gateway = await gatewayOver(lab);
const token = await gateway.login(gateway.admin);
afterAll(async () => {
  await gateway.stop();
  await lab.stop();
});
await run("sh", ["tools/python/install.sh", "schemathesis", "--no-deps"], { cwd: checkout });

const tools = join(checkout, ".tools/schemathesis");
const checks = [
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "unsupported_method",
  "allow_header_conformance",
];
// One worker: CPython 3.11 counts how deep it parses for all threads together, and two of them make it fail now and then.
const flags = ["--checks", checks.join(","), "--max-time", "45", "--workers", "1", "--seed", "1", "--generation-database", "none"];
const how = ["--no-shrink", "--continue-on-failure", "--warnings", "off", "--no-color", "--request-timeout", "30", "-n", "20"];

it("answers whatever is sent as /openapi.json says, and never with a bug", { timeout: 240_000 }, async () => {
  const words = [
    join(tools, "bin/schemathesis"),
    "run",
    `${gateway.url}/openapi.json`,
    ...flags,
    ...how,
    "-H",
    `Authorization: Bearer ${token}`,
  ];
  const { stdout, code } = await run("python3", words, {
    cwd: lab.folder,
    env: { PATH: process.env["PATH"], PYTHONPATH: tools, HOME: lab.folder },
    maxBuffer: 64 * 1024 * 1024,
  }).then(
    ({ stdout: said }) => ({ stdout: said, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  expect(code, stdout.slice(-20_000)).toBe(0);
  const told = gateway.told().filter(({ msg }) => msg === "request");
  expect(told.length).toBeGreaterThan(300);
  expect(told.filter(({ status }) => status === 500)).toEqual([]);
  const kinds = new Set(told.filter(({ status }) => Number(status) > 500).map(({ status, code: of }) => `${String(status)} ${String(of)}`));
  for (const kind of kinds) expect(["501 unsupported", "503 unavailable", "503 interrupted"]).toContain(kind);
});
