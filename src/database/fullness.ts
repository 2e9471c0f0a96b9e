/**
 * How full the log of the database is, as people read it.
 *
 * @module
 */

import type { LogSize } from "../state_machine.ts";

/** From this many percent on, it is time to do something. */
const warningPercent = 80;

const mebibyte = 2 ** 20;

/** How full the log is. */
export interface Fullness {
  /** From 0 to 100; 100 only if it is full. */
  readonly percent: number;
  /** Every change is refused. */
  readonly isFull: boolean;
  /** It will be full soon, or is. */
  readonly isWarning: boolean;
  /** One sentence without a full stop. */
  readonly text: string;
}

/** What to do about a log that is full, or soon will be. */
const wayOut = "keep a backup, and continue with more room or a new cluster (see docs/operations/full_log.md)";

/** How full a log of that size is; undefined: it has no bound. */
export function fullnessOf({ bytes, bytesMax }: LogSize): Fullness | undefined {
  if (bytesMax === 0) return undefined;
  const isFull = bytes > bytesMax;
  const percent = isFull ? 100 : Math.min(99, Math.floor(100 * bytes / bytesMax));
  const isWarning = percent >= warningPercent;
  const amount = `${mebibytes(bytes)} of ${mebibytes(bytesMax)} MiB`;
  const text = isFull
    ? `The log is full (${amount}), and every change is refused: ${wayOut}`
    : `The log is ${percent} % full (${amount})${isWarning ? `; before it is full, ${wayOut}` : ""}`;
  return { percent, isFull, isWarning, text };
}

/** The size of the log that is furthest, of several replicas. */
export function largestLog(
  sizes: readonly { readonly logBytes: number; readonly logBytesMax: number }[],
): LogSize {
  return sizes.reduce<LogSize>(
    (most, { logBytes, logBytesMax }) => logBytes > most.bytes ? { bytes: logBytes, bytesMax: logBytesMax } : most,
    { bytes: 0, bytesMax: 0 },
  );
}

function mebibytes(bytes: number): string {
  const number = bytes / mebibyte;
  return number < 10 ? String(Math.round(10 * number) / 10) : String(Math.round(number));
}
