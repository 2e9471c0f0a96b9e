/**
 * What an import has come to: what a person reads at the end, and the file with every problem.
 *
 * @module
 */

import { effectOf } from "../formats/problem_kinds.ts";
import { ImportSummary, summaryJson, summaryText } from "../formats/import_summary.ts";
import type { ImportProblem, ImportRecord } from "../formats/records.ts";
import type { RecordCounts } from "./record_pipeline.ts";
import { counted } from "../front/phrases.ts";
import { jsonLine } from "./render.ts";
import type { NewOutput } from "./surroundings.ts";

const encoder = new TextEncoder();

/** Counts the problems of an import, and writes each of them to a file if there is one. */
export class ImportReport {
  readonly #summary = new ImportSummary();
  readonly #file: NewOutput | undefined;
  readonly #fromLine: number;
  #fileError: unknown;

  /**
   * @param file takes every problem, as a JSON object on a line of its own.
   * @param fromLine problems of lines before this one are not counted.
   */
  constructor(file: NewOutput | undefined, fromLine: number) {
    this.#file = file;
    this.#fromLine = fromLine;
  }

  /** Takes a problem in; never throws. */
  readonly onProblem = (problem: ImportProblem): void => {
    if (problem.line < this.#fromLine) return;
    this.#summary.onProblem(problem);
    if (this.#file === undefined || this.#fileError !== undefined) return;
    const { file, line, kind, what } = problem;
    try {
      this.#file.write(encoder.encode(`${jsonLine({ file, line, kind, effect: effectOf(kind), what })}\n`));
    } catch (error) {
      this.#fileError = error;
    }
  };

  /** The records that are not before the first line that counts; each is counted. */
  counted(records: AsyncIterable<ImportRecord>): AsyncGenerator<ImportRecord> {
    return this.#summary.counted(this.#fromLine === 1 ? records : notBefore(records, this.#fromLine));
  }

  /** How many records were read. */
  get records(): number {
    return this.#summary.read;
  }

  /** Whether nothing was read, and nothing found. */
  get isEmpty(): boolean {
    return this.#summary.read === 0 && this.#summary.kinds().length === 0;
  }

  /** How many lines or records were refused, by the reader or by the database. */
  get refused(): number {
    return this.#summary.refused;
  }

  /** Completes the file. @throws {OutputError} if it could not be written. */
  complete(): void {
    if (this.#fileError !== undefined) throw this.#fileError;
    this.#file?.complete();
  }

  /** What it came to, with the ends of its lines. */
  text(counts: RecordCounts, json: boolean): string {
    const { added, changed, same, outOfDate } = counts;
    if (json) {
      return `${jsonLine({ added, changed, same, outOfDate, ...JSON.parse(summaryJson(this.#summary)) })}\n`;
    }
    return `${
      counted(added, "site")
    } added, ${changed} changed, ${same} the same as before, ${outOfDate} out of date\n` +
      summaryText(this.#summary);
  }
}

async function* notBefore(records: AsyncIterable<ImportRecord>, line: number): AsyncGenerator<ImportRecord> {
  for await (const record of records) if (record.line >= line) yield record;
}
