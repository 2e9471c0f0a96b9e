/**
 * The links of readers: they have no session, change nothing, and nothing waits for them.
 *
 * @module
 */

import type { MessageOf, ReaderMessage } from "../../protocol/wire/messages.ts";
import type { ReaderHost } from "./askers.ts";
import { Copiers } from "./copier.ts";
import type { Link, LinkHandler } from "../link.ts";
import { StatusLinks } from "./status_links.ts";
import { Watchers } from "./watchers.ts";

/** All links of readers. */
export class Readers {
  readonly #all: { readonly COPY: Copiers; readonly WATCH: Watchers; readonly STATUS: StatusLinks };

  /** There are no links yet. */
  constructor(host: ReaderHost) {
    this.#all = { COPY: new Copiers(host), WATCH: new Watchers(host), STATUS: new StatusLinks(host) };
  }

  /** The first frame of a link was a question; undefined: it was refused. */
  introduce(link: Link, message: ReaderMessage): LinkHandler | undefined {
    switch (message.kind) {
      case "COPY":
        return this.#all.COPY.introduce(link, message);
      case "WATCH":
        return this.#all.WATCH.introduce(link, message);
      case "STATUS":
        return this.#all.STATUS.introduce(link, message);
    }
  }

  /** The status of this replica, as it tells it on request. */
  status(): MessageOf<"STATUS_IS"> {
    return this.#all.STATUS.status();
  }

  /** Answers the links that wait for what was executed and is on the disk now. Call it in every turn. */
  serve(): void {
    for (const each of Object.values(this.#all)) each.serve();
  }

  /** That many milliseconds have passed. */
  pass(elapsedMs: number): void {
    for (const each of Object.values(this.#all)) each.pass(elapsedMs);
  }

  /** Ends all links. */
  close(): void {
    for (const each of Object.values(this.#all)) each.close();
  }
}
