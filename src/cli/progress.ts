/**
 * The progress of something that takes long: one line that is redrawn on a terminal, a line now and then elsewhere.
 *
 * @module
 */

import { marking } from "./marking.ts";
import type { Surroundings } from "./surroundings.ts";
import { cut } from "./table.ts";
import { formatSpan } from "../front/spans.ts";

/** The words of a progress display. */
interface ProgressOptions {
  /** The verb in the past: `Imported`. */
  readonly did: string;
  /** Writes how much it is, without the unit: `1,204`, `1.2`. */
  readonly figure: (amount: number) => string;
  /** The unit: `lines`, `MB`. */
  readonly unit: string;
  /** More to say about it now. */
  readonly beside?: () => string;
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

/** The surroundings of a progress display. */
export type ProgressPlace = Pick<Surroundings, "elapsed" | "errorColumns" | "stderr" | "hasErrorColour">;

/** The display of one undertaking, on standard error. */
export class ProgressLine {
  readonly #around: ProgressPlace;
  readonly #options: ProgressOptions;
  readonly #startedAt: number;
  /** -Infinity: no line is there. */
  #drawnAt = -Infinity;
  #partsSaid = 0;
  #saidAt: number;
  /** How much was done when, not longer ago than {@link rateMs}. */
  readonly #samples: { readonly at: number; readonly done: number }[];

  /** Begins with nothing done; nothing is drawn before the first {@link update}. */
  constructor(around: ProgressPlace, options: ProgressOptions) {
    this.#around = around;
    this.#options = options;
    this.#startedAt = this.#saidAt = around.elapsed();
    this.#samples = [{ at: this.#startedAt, done: 0 }];
  }

  /**
   * Says how far it is. Call it as often as you like.
   *
   * @param done how much, 0 or more, never less than before.
   * @param total of how much, if that is known.
   */
  update(done: number, total?: number): void {
    const now = this.#around.elapsed();
    this.#sample(now, done);
    if (now - this.#startedAt < quietMs || now - this.#drawnAt < redrawMs) return;
    const columns = this.#around.errorColumns();
    if (columns === undefined) return this.#say(now, done, total);
    this.#drawnAt = now;
    this.#around.stderr.write(startOfLine + this.#drawn(now, done, total, columns));
  }

  /** Takes the line away, so that other things can be printed. The next update draws it again. */
  clear(): void {
    if (this.#drawnAt === -Infinity) return;
    this.#drawnAt = -Infinity;
    this.#around.stderr.write(startOfLine);
  }

  /** A line for each tenth; where the whole is not known, one now and then. */
  #say(now: number, done: number, total: number | undefined): void {
    const reached = total === undefined ? 0 : Math.floor(share(done, total) * parts);
    if (total === undefined ? now - this.#saidAt < lineMs : reached <= this.#partsSaid) return;
    this.#partsSaid = reached;
    this.#saidAt = now;
    this.#around.stderr.write(`${this.#figures(now, done, total)}\n`);
  }

  #drawn(now: number, done: number, total: number | undefined, columns: number): string {
    // In its last column, a terminal may begin a new line.
    const room = columns - 1;
    if (columns < rateFrom) return cut(total === undefined ? this.#options.figure(done) : percent(done, total), room);
    const text = this.#figures(now, done, total);
    const width = Math.min(barMax, room - text.length - 3);
    if (total === undefined || columns < barFrom || width < barMin) return cut(text, room);
    const filled = Math.floor(width * share(done, total));
    return `[${marking(this.#around.hasErrorColour)("good", "=".repeat(filled))}${" ".repeat(width - filled)}] ${text}`;
  }

  #figures(now: number, done: number, total: number | undefined): string {
    const { did, figure, unit, beside } = this.#options;
    const perSecond = this.#rate(now, done);
    const left = total === undefined || done >= total ? 0 : total - done;
    return [
      total === undefined
        ? `${did} ${figure(done)} ${unit}`
        : `${did} ${figure(done)} of ${figure(total)} ${unit} (${percent(done, total)})`,
      ...beside === undefined ? [] : [beside()],
      ...perSecond > 0 ? [`${figure(roundRate(perSecond))} ${unit}/s`] : [],
      ...perSecond > 0 && left > 0 ? [`${formatSpan(left / perSecond * 1_000)} left`] : [],
    ].join(", ");
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
  return perSecond < 10 ? Math.max(1, Math.round(perSecond)) : Number(perSecond.toPrecision(2));
}

/** Bytes in megabytes. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** A count with a comma at each third digit. */
export function grouped(count: number): string {
  return Math.floor(count).toLocaleString("en-US");
}
