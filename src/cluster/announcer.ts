/**
 * What the launcher says of its cluster: as lines for people, or as lines of JSON for programs that gather logs.
 *
 * Each thing that it says has a level and a name. It leaves out all below the wanted level. In JSON, a line is one
 * object: `time`, `level`, `replica` where it is about one, `event`, `message` and the fields of the event.
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

/** Something that is said. */
export interface Announcement {
  readonly level: Level;
  /** What happened, in lower case with hyphens: programs look for it. */
  readonly event: string;
  /** The slot of the replica that it is about; absent: it is about none, or several. */
  readonly replica?: number;
  /** For people: a line or more. */
  readonly text: string;
  /** What the text has for programs; no secret is among it. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** What JSON says in place of the text; absent: the text. */
  readonly message?: string;
}

/** Takes texts of one or more lines. */
interface Lines {
  print(text: string): void;
}

/** How it speaks. */
export interface AnnouncerOptions {
  readonly format: LineFormat;
  readonly level: Level;
  /** Where what happens goes, and everything in JSON. */
  readonly output: Lines;
  /** Where hints and complaints for people go. */
  readonly complaints: Lines;
  readonly now?: () => Date;
}

/** A line of JSON for something that is said, without its end. */
export function announcementJson(
  { level, event, replica, text, message = text, fields }: Announcement,
  now: Date,
): string {
  return JSON.stringify({ time: now.toISOString(), level, replica, event, message, ...fields });
}

/** Says what happens. */
export class Announcer {
  readonly #options: AnnouncerOptions;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Says something. */
  say(said: Announcement): void {
    this.#write(said, this.#options.output);
  }

  /** Says something that is a hint or a complaint. */
  complain(said: Announcement): void {
    this.#write(said, this.#options.complaints);
  }

  /** Answers what was typed or asked, whatever the level is. */
  answer(text: string): void {
    this.#write({ level: "info", event: "answer", text }, this.#options.output, true);
  }

  #write(said: Announcement, lines: Lines, isWanted = false): void {
    const { format, level, output, now = () => new Date() } = this.#options;
    if (!isWanted && levels.indexOf(said.level) < levels.indexOf(level)) return;
    if (format === "json") output.print(announcementJson(said, now()));
    else lines.print(said.text);
  }
}
