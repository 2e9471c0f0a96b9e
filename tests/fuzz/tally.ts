/**
 * How often a fuzzer reached each outcome. An outcome that it never reaches proves nothing, so a run says which.
 *
 * @module
 */

/** A reason without its numbers and names, so that all of its kind count together. */
export function reasonKind(reason: string): string {
  return reason.replaceAll(/"[^"]*"/g, '"…"').replaceAll(/\d+/g, "N");
}

/** Counts outcomes. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** Counts one. */
  add(outcome: string): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  /** How often an outcome was reached. */
  of(outcome: string): number {
    return this.#counts.get(outcome) ?? 0;
  }

  /** Those of these outcomes that were never reached. */
  missing(wanted: Iterable<string>): string[] {
    return [...wanted].filter((outcome) => this.of(outcome) === 0);
  }

  /** A line for each outcome, in the order of their names. */
  lines(): string[] {
    const sorted = [...this.#counts].sort(([one], [other]) => one < other ? -1 : 1);
    return sorted.map(([outcome, count]) => `${String(count).padStart(11)}  ${outcome}`);
  }
}
