/**
 * What a program says of itself while it runs: for people a text, for programs that gather logs a line of JSON.
 *
 * A line of JSON is one object: `time`, `level`, `replica` where it is about one, `event`, `message` and the fields of
 * the event. `docs/operations/monitoring.md` lists the events.
 *
 * @module
 */

/** How much something matters, from the least to the most. */
export const levels = ["debug", "info", "warn", "error"] as const;

/** One of them. */
export type Level = (typeof levels)[number];

/** How lines are written. */
export const lineFormats = ["text", "json"] as const;

/** One of them. */
export type LineFormat = (typeof lineFormats)[number];

/** What happens, each with the levels that it may have: programs look for these names. */
export const events = {
  answer: ["info"],
  certificate: ["info", "error"],
  checking: ["info"],
  continued: ["warn"],
  executed: ["info"],
  failed: ["error"],
  gateway: ["info"],
  "gateway-says": ["warn"],
  hint: ["info"],
  insecure: ["warn"],
  installed: ["debug"],
  joined: ["info"],
  joining: ["info"],
  kept: ["info", "warn"],
  lost: ["error"],
  "member-failed": ["error"],
  "member-ready": ["info"],
  "member-says": ["warn"],
  missing: ["warn"],
  "no-token": ["warn"],
  "node-failed": ["error"],
  "node-halted": ["error"],
  "node-ready": ["info"],
  "node-says": ["warn"],
  "not-started": ["error"],
  "open-to-others": ["warn"],
  reading: ["info"],
  refused: ["warn", "error"],
  "replica-says": ["warn"],
  restored: ["info"],
  restoring: ["info"],
  "set-aside": ["warn"],
  started: ["info"],
  stopped: ["info"],
} as const satisfies Readonly<Record<string, readonly Level[]>>;

/** Something that is said. */
export interface Announcement {
  readonly level: Level;
  /** What happened. */
  readonly event: keyof typeof events;
  /** The slot of the replica that it is about; absent: it is about none, or several. */
  readonly replica?: number;
  /** For people: a line or more. */
  readonly text: string;
  /** What the text has for programs; no secret is among it. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** What JSON says in place of the text; absent: the text. */
  readonly message?: string;
}

/** A line of JSON for something that is said, without its end. */
export function announcementJson(
  { level, event, replica, text, message = text, fields }: Announcement,
  now: Date,
): string {
  return JSON.stringify({ time: now.toISOString(), level, replica, event, message, ...fields });
}
