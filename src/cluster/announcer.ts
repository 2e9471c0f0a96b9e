/**
 * What the launcher says of its cluster: as lines for people, or as lines of JSON for programs that gather logs. It
 * leaves out all below the wanted level.
 *
 * @module
 */

import { type Announcement, announcementJson, type Level, levels, type LineFormat } from "../front/announcement.ts";

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
