/**
 * What an import has come to: what a person reads at the end, and the file with every problem.
 *
 * @module
 */

import { effectOf, type ProblemKind, problemKinds } from "../formats/problem_kinds.ts";
import type { ImportProblem } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import { counted } from "../front/phrases.ts";
import { printable } from "../quoted.ts";
import type { RecordCounts } from "./record_steps.ts";
import { jsonLine } from "./render.ts";
import type { NewOutput } from "./surroundings.ts";

/** Problems of one kind that the summary of an import shows: enough to know what to look for. */
export const examplesPerKind = 5;

const encoder = new TextEncoder();

/** What became of records, on one line. */
export function countsText({ added, changed, confirmed, same, outOfDate, retired }: RecordCounts): string {
  const still = confirmed === 0 ? "" : `, ${confirmed} confirmed`;
  const sites = `${counted(added, "site")} added, ${changed} changed${still}`;
  const without = retired === 0 ? "" : `, ${retired} retired`;
  return `${sites}, ${same} the same as before, ${outOfDate} out of date${without}`;
}

/** Counts the records and the problems of an import, and writes each problem to a file if there is one. */
export class ImportReport {
  /** How many records were read. */
  read = 0;
  /** How many problems were repaired. */
  repairs = 0;
  /** How many lines or records were refused, by the reader or by the database; and columns or files. */
  refused = 0;
  readonly #tallies = new Map<ProblemKind, { count: number; readonly examples: ImportProblem[] }>();
  readonly #file: NewOutput | undefined;
  readonly #fromLine: number;
  #fileError: unknown;

  /**
   * @param file takes every problem, as a JSON object on a line of its own.
   * @param fromLine records and problems of lines before this one are not counted.
   */
  constructor(file?: NewOutput, fromLine = 1) {
    this.#file = file;
    this.#fromLine = fromLine;
  }

  /** Takes a problem in; never throws. */
  readonly onProblem = (problem: ImportProblem): void => {
    const { file, line, kind, what } = problem;
    if (line < this.#fromLine) return;
    const effect = effectOf(kind);
    const tally = this.#tallies.getOrInsertComputed(kind, () => ({ count: 0, examples: [] }));
    tally.count++;
    if (tally.examples.length < examplesPerKind) tally.examples.push(problem);
    if (effect === "refused") this.refused++;
    if (effect === "repaired") this.repairs++;
    if (this.#fileError !== undefined) return;
    try {
      this.#file?.write(encoder.encode(`${jsonLine({ file, line, kind, effect, what })}\n`));
    } catch (error) {
      this.#fileError = error;
    }
  };

  /** The records that are not before the first line that counts; each is counted. */
  async *counted(records: AsyncIterable<ImportRecord>): AsyncGenerator<ImportRecord> {
    for await (const record of records) {
      if (record.line < this.#fromLine) continue;
      this.read++;
      yield record;
    }
  }

  /** Whether nothing was read, and nothing found. */
  get isEmpty(): boolean {
    return this.read === 0 && this.#tallies.size === 0;
  }

  /** The kinds of problems that there were, in the order of {@link problemKinds}, with the first problems of each. */
  kinds() {
    return (Object.keys(problemKinds) as ProblemKind[]).flatMap((kind) => {
      const tally = this.#tallies.get(kind);
      return tally === undefined ? [] : [{ kind, effect: effectOf(kind), ...tally }];
    });
  }

  /** Completes the file. @throws {OutputError} if it could not be written. */
  complete(): void {
    if (this.#fileError !== undefined) throw this.#fileError;
    this.#file?.complete();
  }

  /** What it came to as one JSON object on a line. @param more members that come first. */
  json({ added, changed, confirmed, same, outOfDate, retired }: RecordCounts, more: object = {}): string {
    const { read, repairs, refused } = this;
    const problems = this.kinds().map(({ examples, ...kind }) => {
      return { ...kind, examples: examples.map(({ file, line, what }) => ({ file, line, what })) };
    });
    const became = { added, changed, confirmed, same, outOfDate, retired };
    return `${jsonLine({ ...more, ...became, read, repairs, refused, problems })}\n`;
  }

  /** The same as lines for a person: the counts, and under each kind its first problems. */
  text(counts: RecordCounts): string {
    const found = `${counted(this.read, "record")} read, ${counted(this.repairs, "repair")} made`;
    const lines = [
      countsText(counts),
      `${found}, ${this.refused} refused`,
      ...this.kinds().flatMap(({ kind, effect, count, examples }) => [
        `${count} ${effect}: ${problemKinds[kind][1]} (${kind})`,
        ...examples.map(({ file, line, what }) => `  ${file === undefined ? "" : `${file}, `}line ${line}: ${what}`),
        ...count > examples.length ? [`  and ${count - examples.length} more`] : [],
      ]),
    ];
    return lines.map((line) => `${printable(line)}\n`).join("");
  }
}
