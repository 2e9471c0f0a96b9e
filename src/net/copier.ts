/**
 * The replica's side of a backup: gives copies of the database to whoever asks, while requests go on.
 *
 * A link that begins with COPY gets one copy, of one place in the log, piece by piece, each when it is asked for: so a
 * copier that is slow makes nobody wait, and a big database goes out between the requests of others. The copy is held in
 * memory for as long as it takes, which is why there are few at a time, and none for who falls silent.
 *
 * What is said is on the disk: a copy is taken in a turn when all that was executed so far has just been written.
 *
 * @module
 */

import { copierSilentMs, copiesMax, snapshotPieceBytes } from "../limits.ts";
import type { DatabaseCopy } from "../protocol/executor.ts";
import type { MessageOf } from "../protocol/messages.ts";
import type { Link, LinkHandler } from "./link.ts";

/** The replica that the copies are of. */
export interface CopierHost {
  readonly cluster: string;
  /** Whether it is a member that has not executed so many commands yet. */
  isBehind(executed: number): boolean;
  /** The database as it is now; undefined if this replica may not know all that was answered. */
  copy(): DatabaseCopy | undefined;
  /** Sends REFUSED, and closes. */
  refuse(link: Link, reason: string): void;
  /** Has {@link Copiers.serve} called in a turn that comes soon. */
  schedule(): void;
}

/** Somebody who fetches a copy. */
interface Copier {
  readonly link: Link;
  /** How many commands must have been executed in what it gets. */
  readonly atLeast: number;
  /** What it gets; undefined before its first piece, and after its last one. */
  copy: DatabaseCopy | undefined;
  /** Where its next piece begins. */
  next: number;
  /** It waits for that piece. */
  isAsking: boolean;
  /** Rings when it has been silent for too long. */
  timer: ReturnType<typeof setTimeout>;
}

/** All who fetch copies from this replica. */
export class Copiers {
  readonly #host: CopierHost;
  readonly #copiers = new Map<Link, Copier>();

  /** Nobody fetches anything yet. */
  constructor(host: CopierHost) {
    this.#host = host;
  }

  /** The first frame of a link was COPY; undefined: it was refused. */
  introduce(link: Link, message: MessageOf<"COPY">): LinkHandler | undefined {
    if (this.#copiers.size >= copiesMax) {
      this.#host.refuse(link, `COPY: it gives ${copiesMax} copies already; ask again later, or another replica`);
      return undefined;
    }
    const { atLeast } = message;
    const copier: Copier = { link, atLeast, copy: undefined, next: 0, isAsking: false, timer: this.#await(link) };
    this.#copiers.set(link, copier);
    this.#ask(copier, message);
    return {
      onMessage: (_, message) => {
        if (!this.#copiers.has(link)) return;
        if (message.kind === "COPY") this.#ask(copier, message);
        else this.#refuse(copier, `${message.kind} is nothing that is sent on the link of a copy`);
      },
      onClosed: () => this.#forget(copier),
    };
  }

  /** What was executed is on the disk: gives a piece to each who has asked for one. */
  serve(): void {
    for (const copier of this.#copiers.values()) if (copier.isAsking && this.#canBegin(copier)) this.#give(copier);
  }

  /** Ends all links. */
  close(): void {
    for (const copier of this.#copiers.values()) {
      this.#forget(copier);
      copier.link.abort();
    }
  }

  #ask(copier: Copier, { offset }: MessageOf<"COPY">): void {
    if (copier.isAsking) return this.#refuse(copier, "COPY: it came before the piece that was asked for");
    if (offset !== copier.next) {
      return this.#refuse(copier, `COPY: the next piece begins at ${copier.next}, not at ${offset}`);
    }
    if (copier.next > 0 && copier.copy === undefined) return this.#refuse(copier, "COPY: the copy is complete");
    copier.isAsking = true;
    clearTimeout(copier.timer);
    copier.timer = this.#await(copier.link);
    this.#host.schedule();
  }

  /** Who has seen an answer may ask a replica that has not come so far: it will in a moment. */
  #canBegin({ copy, atLeast }: Copier): boolean {
    return copy !== undefined || !this.#host.isBehind(atLeast);
  }

  #give(copier: Copier): void {
    copier.copy ??= this.#host.copy();
    if (copier.copy === undefined) {
      return this.#refuse(copier, "COPY: it is no member of a view yet; ask again later, or another replica");
    }
    const { executed, bytes: all } = copier.copy;
    const offset = copier.next;
    const bytes = all.subarray(offset, offset + snapshotPieceBytes);
    const { cluster } = this.#host;
    copier.link.send({ kind: "COPIED", cluster, executed, offset, total: all.length, bytes });
    copier.isAsking = false;
    copier.next += bytes.length;
    if (copier.next === all.length) copier.copy = undefined;
  }

  #await(link: Link): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const copier = this.#copiers.get(link)!;
      this.#refuse(copier, `COPY: nothing was asked for within ${copierSilentMs} ms`);
    }, copierSilentMs);
  }

  #refuse(copier: Copier, reason: string): void {
    this.#forget(copier);
    this.#host.refuse(copier.link, reason);
  }

  #forget(copier: Copier): void {
    clearTimeout(copier.timer);
    this.#copiers.delete(copier.link);
    copier.copy = undefined;
  }
}
