/**
 * The note of a report that takes another one back. What such a report says was true before: the note says since when.
 *
 * A site never shows a report with an earlier observation than the one before. So a report that restores a value has
 * the time of what it takes back, and a reader that wants to know how old the value is looks at the note.
 *
 * @module
 */

const pattern = /^undo of entry [1-9][0-9]*: as observed at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z)$/;

/**
 * The note.
 *
 * @param entry the entry that is taken back.
 * @param sinceMs when the value that is restored was observed, in ms since 1970; 0: nobody had reported the site.
 */
export function undoNote(entry: number, sinceMs: number): string {
  const since = sinceMs === 0
    ? "nobody had reported the site"
    : `as observed at ${new Date(sinceMs).toISOString().replace(".000", "")}`;
  return `undo of entry ${entry}: ${since}`;
}

/**
 * When the value of a report was observed that took another one back, in ms since 1970.
 *
 * @param note the note of the report.
 * @param observedAt when the report itself was observed: what it restores is older.
 * @returns undefined if it is another report.
 */
export function restoredFrom(note: string | undefined, observedAt: number): number | undefined {
  const ms = Date.parse(pattern.exec(note ?? "")?.[1] ?? "");
  return ms < observedAt ? ms : undefined;
}
