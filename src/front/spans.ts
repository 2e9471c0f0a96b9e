/**
 * Spans of time, as people type and read them: how long something takes, or how old it may be.
 *
 * @module
 */

/** Milliseconds of the units that a span may have. */
export const unitMs: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3, w: 7 * 86_400e3 };

/** The longest age that people may ask for, in milliseconds: ten years. */
export const longestAgeMs = 3_653 * 86_400_000;

/** The milliseconds of a span such as `90s`, `5m`, `2h` or `1d`; NaN if the text is not one. */
export function spanMs(typed: string): number {
  const [, count, unit = ""] = /^([0-9]{1,9})\s*([smhdw])$/i.exec(typed.trim()) ?? [];
  return Number(count) * (unitMs[unit.toLowerCase()] ?? NaN);
}

/** How long something takes, for a person: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  const hours = Math.floor(minutes / 60);
  const [large, small] = hours === 0 ? [`${minutes} min`, seconds % 60] : [`${hours} h`, minutes % 60];
  return small === 0 ? large : `${large} ${small} ${hours === 0 ? "s" : "min"}`;
}
