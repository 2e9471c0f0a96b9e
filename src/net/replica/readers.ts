/**
 * The links of those who only read: they have no session, are not waited for, and change nothing.
 *
 * @module
 */

import type { MessageOf, ReaderMessage } from "../../protocol/wire/messages.ts";
import { type CopierHost, Copiers } from "./copier.ts";
import type { Link, LinkHandler } from "../link.ts";
import { type StatusHost, StatusLinks } from "./status_links.ts";
import { type WatcherHost, Watchers } from "./watchers.ts";

/** The replica that they read from. */
export type ReaderHost = CopierHost & WatcherHost & StatusHost;

/** All who read from this replica. */
export class Readers {
  readonly #copiers: Copiers;
  readonly #watchers: Watchers;
  readonly #statusLinks: StatusLinks;
  readonly #all: readonly (Copiers | Watchers | StatusLinks)[];

  /** Nobody reads yet. */
  constructor(host: ReaderHost) {
    this.#copiers = new Copiers(host);
    this.#watchers = new Watchers(host);
    this.#statusLinks = new StatusLinks(host);
    this.#all = [this.#copiers, this.#watchers, this.#statusLinks];
  }

  /** The first frame of a link was a question; undefined: it was refused. */
  introduce(link: Link, message: ReaderMessage): LinkHandler | undefined {
    switch (message.kind) {
      case "COPY":
        return this.#copiers.introduce(link, message);
      case "WATCH":
        return this.#watchers.introduce(link, message);
      case "STATUS":
        return this.#statusLinks.introduce(link, message);
      default:
        message satisfies never;
    }
  }

  /** What a replica answers that is asked how it is. */
  status(): MessageOf<"STATUS_IS"> {
    return this.#statusLinks.status();
  }

  /** What was executed is on the disk: answers those who wait for it. To be called in every turn. */
  serve(): void {
    for (const each of this.#all) each.serve();
  }

  /** So many milliseconds have passed. */
  pass(elapsedMs: number): void {
    for (const each of this.#all) each.pass(elapsedMs);
  }

  /** Ends all links. */
  close(): void {
    for (const each of this.#all) each.close();
  }
}
