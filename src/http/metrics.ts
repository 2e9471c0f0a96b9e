/**
 * What the gateway counts, as Prometheus reads it (text format 0.0.4).
 *
 * @module
 */

/** Upper ends of the buckets of a latency, in seconds: from what one replica takes to what nobody waits for. */
const bucketSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** One route and what it has answered. */
class RouteCounts {
  readonly byStatus = new Map<number, number>();
  readonly buckets: number[] = new Array(bucketSeconds.length).fill(0);
  count = 0;
  seconds = 0;
}

/** Something that is measured when it is asked for. */
export interface Gauge {
  /** What it is called, without the prefix. */
  readonly name: string;
  /** What it is, with its unit. */
  readonly help: string;
  /** Whether it only grows. */
  readonly isCounter?: boolean;
  /** The values, each with its labels as they are written, or "". */
  readonly values: readonly (readonly [labels: string, value: number])[];
}

/** Counts what was asked and answered. */
export class Metrics {
  readonly #routes = new Map<string, RouteCounts>();
  #readBytes = 0;
  #sentBytes = 0;

  /**
   * A request was answered.
   *
   * @param route its method and the path of its route, never that of the request.
   * @param status of the answer.
   * @param ms how long it took.
   */
  answered(route: string, status: number, ms: number): void {
    let counts = this.#routes.get(route);
    if (counts === undefined) this.#routes.set(route, counts = new RouteCounts());
    counts.byStatus.set(status, (counts.byStatus.get(status) ?? 0) + 1);
    const seconds = ms / 1000;
    counts.count++;
    counts.seconds += seconds;
    // Each bucket has what is in those before it too; that is added up when it is asked for.
    for (let at = 0; at < bucketSeconds.length; at++) {
      if (seconds > bucketSeconds[at]) continue;
      counts.buckets[at]++;
      break;
    }
  }

  /** Bytes of a body were read, or sent. */
  moved(read: number, sent: number): void {
    this.#readBytes += read;
    this.#sentBytes += sent;
  }

  /** All of it as text, with what is measured now. */
  render(gauges: readonly Gauge[]): string {
    const lines: string[] = [];
    head(lines, "http_requests_total", "Requests answered, by route and status", "counter");
    for (const [route, { byStatus }] of this.#routes) {
      for (const [status, count] of byStatus) {
        lines.push(`vaxlog_http_requests_total{route="${escaped(route)}",status="${status}"} ${count}`);
      }
    }
    head(lines, "http_request_seconds", "Seconds from a request to its answer, by route", "histogram");
    for (const [route, { buckets, count, seconds }] of this.#routes) {
      const label = `route="${escaped(route)}"`;
      let sum = 0;
      for (const [at, end] of bucketSeconds.entries()) {
        sum += buckets[at];
        lines.push(`vaxlog_http_request_seconds_bucket{${label},le="${end}"} ${sum}`);
      }
      lines.push(`vaxlog_http_request_seconds_bucket{${label},le="+Inf"} ${count}`);
      lines.push(`vaxlog_http_request_seconds_sum{${label}} ${seconds}`);
      lines.push(`vaxlog_http_request_seconds_count{${label}} ${count}`);
    }
    head(lines, "http_read_bytes_total", "Bytes of bodies that were read", "counter");
    lines.push(`vaxlog_http_read_bytes_total ${this.#readBytes}`);
    head(lines, "http_sent_bytes_total", "Bytes of bodies that were sent, without those of events", "counter");
    lines.push(`vaxlog_http_sent_bytes_total ${this.#sentBytes}`);
    for (const { name, help, isCounter, values } of gauges) {
      head(lines, name, help, isCounter ? "counter" : "gauge");
      for (const [labels, value] of values) lines.push(`vaxlog_${name}${labels === "" ? "" : `{${labels}}`} ${value}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

function head(lines: string[], name: string, help: string, type: string): void {
  lines.push(`# HELP vaxlog_${name} ${help}`, `# TYPE vaxlog_${name} ${type}`);
}

/** A text as the value of a label. */
export function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
