/**
 * The progress of something that takes long: one line that is redrawn on a terminal, a line now and then elsewhere.
 *
 * @module
 */

import { marking } from "./marking.ts";
import type { Surroundings } from "./surroundings.ts";
import { cut } from "./table.ts";
import { formatSpan } from "./times.ts";

/** What a progress display is given. */
export interface ProgressOptions {
  /** The verb in the past: `Imported`. */
  readonly did: string;
  /** Writes how much it is, without the unit: `1,204`, `1.2`. */
  readonly figure: (amount: number) => string;
  /** The unit: `lines`, `MB`. */
  readonly unit: string;
  /** More to say about it now. */
  readonly beside?: () => string;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Takes what is drawn. */
  readonly write: (text: string) => void;
  /** The columns of the terminal, whenever it is asked; undefined where there is none. */
  readonly columns: () => number | undefined;
  /** Whether the bar is marked. */
  readonly hasColour?: boolean;
}

/** Milliseconds for which nothing is drawn or said: what is done by then needs no display. */
const quietMs = 1_000;

/** Milliseconds between two drawings on a terminal. */
const redrawMs = 100;

/** Milliseconds between two lines elsewhere, where the whole is not known. */
const lineMs = 10_000;

/** Milliseconds over which the rate is taken: long enough to be calm, short enough to notice a change. */
const rateMs = 10_000;

/** Milliseconds between two samples for the rate. */
const sampleMs = 500;

/** Parts of the whole for each of which a line is printed elsewhere. */
const parts = 10;

const barMin = 6;
const barMax = 40;

/** Columns below which there is no bar. */
const barFrom = 60;

/** Columns below which there is neither rate nor time. */
const rateFrom = 30;

const startOfLine = "\r\x1b[K";

/** The display of one undertaking. */
export class ProgressLine {
  readonly #options: ProgressOptions;
  readonly #startedAt: number;
  #drawnAt = -Infinity;
  #partsSaid = 0;
  #saidAt: number;
  #isDrawn = false;
  /** How much was done when, not longer ago than {@link rateMs}. */
  readonly #samples: { readonly at: number; readonly done: number }[];

  /** Begins with nothing done; nothing is drawn before the first {@link update}. */
  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#startedAt = this.#saidAt = options.now();
    this.#samples = [{ at: this.#startedAt, done: 0 }];
  }

  /**
   * Says how far it is. Call it as often as you like.
   *
   * @param done how much, 0 or more, never less than before.
   * @param total of how much, if that is known.
   */
  update(done: number, total?: number): void {
    const now = this.#options.now();
    this.#sample(now, done);
    if (now - this.#startedAt < quietMs || now - this.#drawnAt < redrawMs) return;
    const columns = this.#options.columns();
    if (columns === undefined) return this.#say(now, done, total);
    this.#drawnAt = now;
    this.#isDrawn = true;
    this.#options.write(startOfLine + this.#drawn(now, done, total, columns));
  }

  /** Takes the line away, so that other things can be printed. The next update draws it again. */
  clear(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    this.#drawnAt = -Infinity;
    this.#options.write(startOfLine);
  }

  /** A line for each tenth; where the whole is not known, one now and then. */
  #say(now: number, done: number, total: number | undefined): void {
    if (total === undefined) {
      if (now - this.#saidAt < lineMs) return;
    } else {
      const reached = total > 0 ? Math.floor(Math.min(1, done / total) * parts) : parts;
      if (reached <= this.#partsSaid) return;
      this.#partsSaid = reached;
    }
    this.#saidAt = now;
    this.#options.write(`${this.#figures(now, done, total).join(", ")}\n`);
  }

  #drawn(now: number, done: number, total: number | undefined, columns: number): string {
    // In its last column, a terminal may begin a new line.
    const room = columns - 1;
    if (columns < rateFrom) return cut(total === undefined ? this.#options.figure(done) : percent(done, total), room);
    const text = this.#figures(now, done, total).join(", ");
    if (total === undefined || columns < barFrom) return cut(text, room);
    const width = Math.min(barMax, room - text.length - 3);
    if (width < barMin) return cut(text, room);
    const filled = Math.floor(width * share(done, total));
    return `[${marking(this.#options.hasColour)("good", "=".repeat(filled))}${" ".repeat(width - filled)}] ${text}`;
  }

  #figures(now: number, done: number, total: number | undefined): string[] {
    const { did, figure, unit, beside } = this.#options;
    const figures = [
      total === undefined
        ? `${did} ${figure(done)} ${unit}`
        : `${did} ${figure(done)} of ${figure(total)} ${unit} (${percent(done, total)})`,
    ];
    if (beside !== undefined) figures.push(beside());
    const perSecond = this.#rate(now, done);
    if (perSecond > 0) {
      figures.push(`${figure(roundRate(perSecond))} ${unit}/s`);
      if (total !== undefined && done < total) figures.push(`${formatSpan((total - done) / perSecond * 1_000)} left`);
    }
    return figures;
  }

  #sample(now: number, done: number): void {
    if (now - this.#samples[this.#samples.length - 1].at >= sampleMs) this.#samples.push({ at: now, done });
    while (this.#samples.length > 2 && now - this.#samples[1].at >= rateMs) this.#samples.shift();
  }

  /** The recent rate, per second. */
  #rate(now: number, done: number): number {
    const { at, done: before } = this.#samples[0];
    return now > at ? (done - before) / (now - at) * 1_000 : 0;
  }
}

function share(done: number, total: number): number {
  return total > 0 ? Math.min(1, done / total) : 1;
}

function percent(done: number, total: number): string {
  // All of it only when it is all.
  return `${Math.floor(share(done, total) * 100)} %`;
}

/** A rate is not an exact number: two digits say all that is known. */
function roundRate(perSecond: number): number {
  if (perSecond < 10) return Math.max(1, Math.round(perSecond));
  const unit = 10 ** (Math.floor(Math.log10(perSecond)) - 1);
  return Math.round(perSecond / unit) * unit;
}

/** The display of something that this program does, on its standard error. */
export function startProgress(
  around: Surroundings,
  counted: Pick<ProgressOptions, "did" | "figure" | "unit" | "beside">,
): ProgressLine {
  return new ProgressLine({
    ...counted,
    now: around.elapsed,
    columns: around.errorColumns,
    write: (text) => void around.stderr.write(text),
    hasColour: around.hasErrorColour,
  });
}

/** Bytes in megabytes. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** A count with a comma at each third digit. */
export function grouped(count: number): string {
  return String(Math.floor(count)).replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
}
