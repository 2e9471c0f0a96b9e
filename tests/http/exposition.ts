/**
 * Prometheus' text format 0.0.4, read as strictly as its description has it: whatever a scraper could refuse or
 * misread is an error here.
 *
 * @module
 */

/** A value of a metric. */
export interface Sample {
  /** As it is written: that of a histogram has `_bucket`, `_sum` or `_count` at its end. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const number = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)$/;

/**
 * Reads an exposition.
 *
 * @throws {Error} if it breaks a rule of the format.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("The last line has no end");
  const families = new Map<string, Family & { readonly samples: Sample[] }>();
  let current: { name: string; help?: string } | undefined;
  const lines = text.slice(0, -1).split("\n");
  for (const line of lines) {
    const [, what, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (what === "HELP") {
      if (!metricName.test(name)) throw new Error(`No name of a metric: ${line}`);
      if (families.has(name)) throw new Error(`A metric is in two places: ${line}`);
      if (/\\[^\\n]/.test(rest)) throw new Error(`An escape that does not exist: ${line}`);
      current = { name, help: rest };
    } else if (what === "TYPE") {
      if (current?.name !== name || current.help === undefined) throw new Error(`A type without its help: ${line}`);
      if (families.has(name)) throw new Error(`A second type: ${line}`);
      if (!["counter", "gauge", "histogram", "summary", "untyped"].includes(rest)) throw new Error(`No type: ${line}`);
      families.set(name, { name, help: current.help, type: rest, samples: [] });
    } else {
      const sample = parseSample(line);
      const family = current === undefined ? undefined : families.get(current.name);
      if (family === undefined || !belongs(sample.name, family)) throw new Error(`Not below its type: ${line}`);
      family.samples.push(sample);
    }
  }
  for (const family of families.values()) checkFamily(family);
  return families;
}

function belongs(name: string, { name: family, type }: Family): boolean {
  if (type !== "histogram") return name === family;
  return ["_bucket", "_sum", "_count"].some((end) => name === family + end);
}

/** One line, read character by character: a value of a label may hold everything that ends one elsewhere. */
function parseSample(line: string): Sample {
  const [, name, rest] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(.*)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`No metric: ${line}`);
  const labels: Record<string, string> = {};
  let at = 0;
  if (rest[at] === "{") {
    at++;
    while (rest[at] !== "}") {
      const [all, label] = /^([a-zA-Z_][a-zA-Z0-9_]*)="/.exec(rest.slice(at)) ?? [];
      if (all === undefined) throw new Error(`No label at ${at} of ${line}`);
      if (Object.hasOwn(labels, label)) throw new Error(`A label twice: ${line}`);
      at += all.length;
      let value = "";
      for (; rest[at] !== '"'; at++) {
        if (at >= rest.length) throw new Error(`A label without an end: ${line}`);
        if (rest[at] !== "\\") value += rest[at];
        else value += unescaped(rest[++at], line);
      }
      labels[label] = value;
      at++;
      if (rest[at] === ",") at++;
      else if (rest[at] !== "}") throw new Error(`No comma: ${line}`);
    }
    at++;
  }
  const [, value] = /^ (\S+)$/.exec(rest.slice(at)) ?? [];
  if (value === undefined || !number.test(value)) throw new Error(`No value: ${line}`);
  return { name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

function unescaped(character: string, line: string): string {
  if (character === "n") return "\n";
  if (character === "\\" || character === '"') return character;
  throw new Error(`An escape that does not exist: ${line}`);
}

function checkFamily({ name, type, samples }: Family): void {
  const seen = new Set<string>();
  for (const { name, labels } of samples) {
    const series = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (seen.has(series)) throw new Error(`A series twice: ${series}`);
    seen.add(series);
  }
  if ((type === "counter") !== name.endsWith("_total")) throw new Error(`${name} is a ${type}`);
  if (type === "counter" && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} is below 0`);
  if (type === "histogram") checkHistogram(name, samples);
}

/** In each series, the buckets ascend to `+Inf`, grow, and end with the count; and there is a sum. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  for (const [labels, own] of series) {
    const buckets = own.filter(({ name }) => name.endsWith("_bucket"));
    const ends = buckets.map(({ labels: { le } }) => number.test(le) ? Number(le.replace("Inf", "Infinity")) : NaN);
    const counts = buckets.map(({ value }) => value);
    const ascends = (values: readonly number[], isStrict: boolean) =>
      values.every((value, at) => at === 0 || (isStrict ? value > values[at - 1] : value >= values[at - 1]));
    const sums = own.filter(({ name }) => name.endsWith("_sum"));
    const totals = own.filter(({ name }) => name.endsWith("_count"));
    const isRight = ascends(ends, true) && ends.at(-1) === Infinity && ascends(counts, false) &&
      sums.length === 1 && totals.length === 1 && totals[0].value === counts.at(-1);
    if (!isRight) throw new Error(`The histogram ${name} of ${labels} is wrong`);
  }
}
