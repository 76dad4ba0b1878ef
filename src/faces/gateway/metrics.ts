import { collectDefaultMetrics, Counter, type CounterConfiguration, Gauge, Histogram, Registry } from "prom-client";

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
  const requests = tally({
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
  let underWay = 0;
  void new Gauge({
    name: "usc_http_requests_under_way",
    help: "Requests that are not answered yet",
    registers,
    collect() {
      this.set(underWay);
    },
  });
  const azure = tally({
    name: "usc_azure_requests_total",
    help: "Requests to Azure, by the class of the answer's status, or lost",
    labelNames: ["outcome"],
    registers,
  });
  return {
    began() {
      underWay += 1;
      return (route, status, seconds) => {
        underWay -= 1;
        requests(`${route} ${status}`, { route, status });
        duration.observe({ route }, seconds);
      };
    },
    azure(status) {
      const outcome = status === undefined ? "lost" : `${Math.floor(status / 100)}xx`;
      azure(outcome, { outcome });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** A counter that counts plainly and is told when it is read: the library looks at every label of every count. */
function tally(
  about: Pick<CounterConfiguration<string>, "name" | "help" | "labelNames" | "registers">,
): (key: string, labels: Record<string, string | number>) => void {
  const counts = new Map<string, { labels: Record<string, string | number>; count: number }>();
  void new Counter({
    ...about,
    collect() {
      this.reset();
      for (const { labels, count } of counts.values()) this.inc(labels, count);
    },
  });
  return (key, labels) => {
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { labels, count: 1 });
    else known.count += 1;
  };
}
