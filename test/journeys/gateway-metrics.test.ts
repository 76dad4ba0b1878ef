import { afterAll, expect, it } from "vitest";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
const gateway = await gatewayOver(lab);
afterAll(async () => {
  await gateway.stop();
  await lab.stop();
});
const canary = "canary-name-5c11";

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

async function scrape(): Promise<{ text: string; samples: Sample[] }> {
  const response = await fetch(`${gateway.url}/metrics`);
  expect(response.headers.get("content-type")).toContain("text/plain");
  const text = await response.text();
  const samples = text.split("\n").flatMap((line) => {
    const [, name = "", labels = "", value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/u.exec(line) ?? [];
    if (name === "") return [];
    return [
      { name, labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/gu)].map(([, key, of]) => [key, of])), value: Number(value) },
    ];
  });
  return { text, samples };
}

const valueOf = ({ samples }: { samples: Sample[] }, name: string, labels: Record<string, string> = {}): number | undefined =>
  samples.find((sample) => sample.name === name && Object.entries(labels).every(([key, of]) => sample.labels[key] === of))?.value;

it("counts requests by route and status, and what was asked of Azure", async () => {
  const token = await gateway.login(gateway.admin);
  const before = await scrape();
  await gateway.post("usc-create", { token, "usc-name": "kv", "secret-name": "counted", value: "v" });
  await gateway.post("api/v2/usc-get", { token, "usc-name": "kv", "secret-id": "counted" });
  await gateway.post("usc-get", { token, "usc-name": "kv", "secret-id": "absent" });
  const after = await scrape();
  const more = (name: string, labels: Record<string, string>): number =>
    (valueOf(after, name, labels) ?? 0) - (valueOf(before, name, labels) ?? 0);
  expect(more("usc_http_requests_total", { route: "usc-get", status: "200" })).toBe(1);
  expect(more("usc_http_requests_total", { route: "usc-get", status: "404" })).toBe(1);
  expect(more("usc_http_request_duration_seconds_count", { route: "usc-create" })).toBe(1);
  expect(more("usc_azure_requests_total", { outcome: "2xx" })).toBeGreaterThan(1);
  expect(more("usc_azure_requests_total", { outcome: "4xx" })).toBeGreaterThan(0);
  expect(valueOf(after, "usc_http_requests_under_way")).toBe(1);
  expect(valueOf(after, "nodejs_eventloop_lag_seconds")).toBeGreaterThanOrEqual(0);
  expect(valueOf(after, "process_resident_memory_bytes")).toBeGreaterThan(1e7);
});

it("G16 tells no name and no value, and has no more labels for whoever invents paths", async () => {
  const token = await gateway.login(gateway.admin);
  await gateway.post("usc-create", { token, "usc-name": "kv", "secret-name": canary, value: `${canary}-value`, [canary]: "1" });
  await gateway.post("usc-get", { token, "usc-name": `/${canary}`, "secret-id": canary });
  const one = await scrape();
  for (let at = 0; at < 200; at += 1) await fetch(`${gateway.url}/${canary}-${at}`, { method: at % 2 ? "GET" : "POST" });
  const two = await scrape();
  const ours = ({ samples }: typeof one): Sample[] => samples.filter(({ name }) => name.startsWith("usc_"));
  expect(two.text).not.toContain(canary);
  expect(two.text).not.toContain(token);
  // The series of `other`, 404 and 501, and their buckets; of /metrics itself.
  expect(ours(two).length - ours(one).length).toBeLessThan(30);
  for (const status of ["404", "501"]) expect(valueOf(two, "usc_http_requests_total", { route: "other", status })).toBe(100);
});
