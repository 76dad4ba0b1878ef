import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  /** A request begins; call what it gives when it ends. `route` is one of a known few. */
  began(): (route: string, status: number, seconds: number) => void;
  /** A request to Azure has ended: by its status, or without an answer. */
  azure(status: number | undefined): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  contentType: string;
}

/** Whoever reaches the gateway may read these: no label is a name that somebody chose. */
export function metrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "usc_http_requests_total",
    help: "Requests that were answered",
    labelNames: ["route", "status"],
    registers,
  });
  const duration = new Histogram({
    name: "usc_http_request_duration_seconds",
    help: "From a request's headers to the end of its answer",
    labelNames: ["route"],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers,
  });
  const underWay = new Gauge({ name: "usc_http_requests_under_way", help: "Requests that are not answered yet", registers });
  const azure = new Counter({
    name: "usc_azure_requests_total",
    help: "Requests to Azure, by the class of the answer's status, or lost",
    labelNames: ["outcome"],
    registers,
  });
  return {
    began() {
      underWay.inc();
      return (route, status, seconds) => {
        underWay.dec();
        requests.inc({ route, status });
        duration.observe({ route }, seconds);
      };
    },
    azure: (status) => azure.inc({ outcome: status === undefined ? "lost" : `${Math.floor(status / 100)}xx` }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
