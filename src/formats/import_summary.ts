/**
 * What an import has found: how many problems of each kind, with examples, and how many records.
 *
 * @module
 */

import { examplesPerKind } from "../limits.ts";
import { printable } from "../quoted.ts";
import { effectOf, type ProblemKind, problemKinds } from "./problem_kinds.ts";
import type { ImportProblem, ImportRecord } from "./records.ts";

/** The problems of one kind. */
interface Tally {
  count: number;
  readonly examples: ImportProblem[];
}

/** Counts what a reader gives and tells. */
export class ImportSummary {
  readonly #tallies = new Map<ProblemKind, Tally>();
  #read = 0;
  #repairs = 0;
  #refused = 0;

  /** Counts a problem. */
  readonly onProblem = (problem: ImportProblem): void => {
    const tally = this.#tallies.get(problem.kind) ?? { count: 0, examples: [] };
    this.#tallies.set(problem.kind, tally);
    tally.count++;
    if (tally.examples.length < examplesPerKind) tally.examples.push(problem);
    const effect = effectOf(problem.kind);
    if (effect === "refused") this.#refused++;
    if (effect === "repaired") this.#repairs++;
  };

  /** Counts the records that pass. */
  async *counted(records: AsyncIterable<ImportRecord>): AsyncGenerator<ImportRecord> {
    for await (const record of records) {
      this.#read++;
      yield record;
    }
  }

  /** Records that were read. */
  get read(): number {
    return this.#read;
  }

  /** Repairs that were made. */
  get repairs(): number {
    return this.#repairs;
  }

  /** Refused lines, and columns or files of which nothing was read. */
  get refused(): number {
    return this.#refused;
  }

  /** How many problems of a kind there were. */
  count(kind: ProblemKind): number {
    return this.#tallies.get(kind)?.count ?? 0;
  }

  /** The kinds that there were, in the order of {@link problemKinds}, with the first problems of each. */
  kinds(): { readonly kind: ProblemKind; readonly count: number; readonly examples: readonly ImportProblem[] }[] {
    return (Object.keys(problemKinds) as ProblemKind[]).flatMap((kind) => {
      const tally = this.#tallies.get(kind);
      return tally === undefined ? [] : [{ kind, ...tally }];
    });
  }
}

/** A summary as lines for a person, each with its end: the counts, and under each kind its first problems. */
export function summaryText(summary: ImportSummary): string {
  const { read, repairs, refused } = summary;
  const lines = [`${number(read, "record")} read, ${number(repairs, "repair")} made, ${refused} refused`];
  for (const { kind, count, examples } of summary.kinds()) {
    const { effect, plural } = problemKinds[kind];
    lines.push(`${count} ${effect}: ${plural} (${kind})`);
    for (const problem of examples) lines.push(`  ${problemLine(problem)}`);
    if (count > examples.length) lines.push(`  and ${count - examples.length} more`);
  }
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** A summary as one JSON object, without the end of a line. */
export function summaryJson(summary: ImportSummary): string {
  const { read, repairs, refused } = summary;
  const problems = summary.kinds().map(({ kind, count, examples }) => {
    return {
      kind,
      effect: effectOf(kind),
      count,
      examples: examples.map(({ file, line, what }) => ({ file, line, what })),
    };
  });
  return printable(JSON.stringify({ read, repairs, refused, problems }));
}

/** A problem as one line: where it is, and what. */
export function problemLine({ file, line, what }: ImportProblem): string {
  return printable(`${file === undefined ? "" : `${file}, `}line ${line}: ${what}`);
}

function number(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
