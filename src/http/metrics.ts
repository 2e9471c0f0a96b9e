/**
 * What the gateway counts, as Prometheus reads it (text format 0.0.4).
 *
 * @module
 */

/** Upper ends of the buckets of a latency, in seconds: from what one replica takes to what nobody waits for. */
const bucketSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How long something took, each time. */
export class Histogram {
  readonly #buckets: number[] = new Array(bucketSeconds.length).fill(0);
  #count = 0;
  #seconds = 0;

  /** It took so many milliseconds. */
  add(ms: number): void {
    const seconds = ms / 1000;
    this.#count++;
    this.#seconds += seconds;
    // Each bucket has what is in those before it too; that is added up when it is asked for.
    for (let at = 0; at < bucketSeconds.length; at++) {
      if (seconds > bucketSeconds[at]) continue;
      this.#buckets[at]++;
      break;
    }
  }

  /**
   * Its lines.
   *
   * @param name with its prefix.
   * @param labels as they are written, or "".
   */
  *lines(name: string, labels = ""): Generator<string> {
    const before = labels === "" ? "" : `${labels},`;
    let sum = 0;
    for (const [at, end] of bucketSeconds.entries()) {
      sum += this.#buckets[at];
      yield `${name}_bucket{${before}le="${end}"} ${sum}`;
    }
    yield `${name}_bucket{${before}le="+Inf"} ${this.#count}`;
    yield sample(`${name}_sum`, labels, this.#seconds);
    yield sample(`${name}_count`, labels, this.#count);
  }
}

/** One route and what it has answered. */
class RouteCounts {
  readonly byStatus = new Map<number, number>();
  /** By the first digit of the status. */
  readonly byClass: (Histogram | undefined)[] = [];
}

/** Something that is measured when it is asked for. */
export interface Gauge {
  /** What it is called, without the prefix. */
  readonly name: string;
  /** What it is, with its unit. */
  readonly help: string;
  /** Whether it only grows. */
  readonly isCounter?: boolean;
  /** Whether it has no prefix: every process has it, under the same name. */
  readonly isOfAnyProcess?: boolean;
  /** The values, each with its labels as they are written, or "". */
  readonly values: readonly (readonly [labels: string, value: number])[];
}

/** Counts what was asked and answered. */
export class Metrics {
  readonly #routes = new Map<string, RouteCounts>();
  readonly #commands = new Histogram();
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
    const digit = Math.floor(status / 100);
    (counts.byClass[digit] ??= new Histogram()).add(ms);
  }

  /** The cluster has executed a command, so many milliseconds after it was given to it. */
  executed(ms: number): void {
    this.#commands.add(ms);
  }

  /** Bytes of a body were read, or sent. */
  moved(read: number, sent: number): void {
    this.#readBytes += read;
    this.#sentBytes += sent;
  }

  /** All of it as text, with what is measured now. */
  render(gauges: readonly Gauge[]): string {
    const lines: string[] = [];
    head(lines, "vaxlog_http_requests_total", "Requests answered, by route and status", "counter");
    for (const [route, { byStatus }] of this.#routes) {
      for (const [status, count] of byStatus) {
        lines.push(sample("vaxlog_http_requests_total", labelsOf({ route, status }), count));
      }
    }
    const seconds = "vaxlog_http_request_seconds";
    head(lines, seconds, "Seconds from a request to its response, by route and class of status", "histogram");
    for (const [route, { byClass }] of this.#routes) {
      for (const [digit, histogram] of byClass.entries()) {
        if (histogram !== undefined) lines.push(...histogram.lines(seconds, labelsOf({ route, class: `${digit}xx` })));
      }
    }
    const commands = "vaxlog_command_seconds";
    head(lines, commands, "Seconds from when a command is given to the cluster to its output", "histogram");
    lines.push(...this.#commands.lines(commands));
    head(lines, "vaxlog_http_read_bytes_total", "Bytes of bodies that were read", "counter");
    lines.push(sample("vaxlog_http_read_bytes_total", "", this.#readBytes));
    head(lines, "vaxlog_http_sent_bytes_total", "Bytes of bodies that were sent, without those of events", "counter");
    lines.push(sample("vaxlog_http_sent_bytes_total", "", this.#sentBytes));
    for (const { name, help, isCounter, isOfAnyProcess, values } of gauges) {
      const full = isOfAnyProcess ? name : `vaxlog_${name}`;
      head(lines, full, help, isCounter ? "counter" : "gauge");
      for (const [labels, value] of values) lines.push(sample(full, labels, value));
    }
    return `${lines.join("\n")}\n`;
  }
}

function head(lines: string[], name: string, help: string, type: string): void {
  lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
}

function sample(name: string, labels: string, value: number): string {
  return `${name}${labels === "" ? "" : `{${labels}}`} ${value}`;
}

/** Labels as they are written, without braces. */
export function labelsOf(labels: Readonly<Record<string, string | number>>): string {
  return Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`).join(",");
}

/** A text as the value of a label. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
