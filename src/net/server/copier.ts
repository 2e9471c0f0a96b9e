/**
 * The server's side of a backup: gives copies of the database on request, while it executes commands.
 *
 * A link that begins with COPY gets one copy, of one index of the log, piece by piece on request. So a slow copier
 * delays no one, and a big database goes out between the requests of others. A copy keeps memory that it shares with
 * the database, so there are few at a time, and a silent copier loses its copy. A copier that waits for a command that
 * is not executed yet has no copy, and so does not keep one from others; it does not wait for long.
 *
 * A copy holds only what is on the disk: the replica takes it in a turn right after it wrote all that it executed. The
 * files of its sealed segments stay until the copier has them, or its link ends.
 *
 * A copy never has what was redacted before. So a copier waits until each segment was written again that may have it.
 *
 * @module
 */

import { copiesMax, snapshotPieceBytes } from "../../limits.ts";
import type { HeldSegments } from "../../copy_layout.ts";
import type { Executor } from "../../protocol/replica/executor.ts";
import { type Asker, Askers, type ReaderHost } from "./askers.ts";
import { WholeCopy } from "./whole_copy.ts";

/** Milliseconds within which a program that fetches a copy must ask for the next piece. */
export const copierSilentMs = 10_000;

/** Milliseconds for which a copier waits for a command that this replica has still to execute. */
export const copierWaitMs = 5_000;

/** Links for copies, those included that wait for theirs or have it. */
export const copyLinksMax = 100;

/** The files of a server without sealed history. */
const noFiles: HeldSegments = {
  segments: [],
  read: () => {
    throw new Error("no file is held");
  },
  release: () => {},
};

/** All links that fetch copies. */
export class Copiers extends Askers<"COPY"> {
  /** The copy of each link that has begun one; undefined: it was given whole. */
  readonly #copies = new Map<Asker<"COPY">, WholeCopy | undefined>();

  /** There are no links yet. */
  constructor(host: ReaderHost) {
    super({ kind: "COPY", purpose: "a copy", askersMax: copyLinksMax, silentMs: copierSilentMs }, host);
  }

  /** The disk has everything that was executed: gives a piece to each asker. */
  serve(): void {
    if (this.asking.size === 0) return;
    for (const asker of this.asking) this.#give(asker);
  }

  /** Time has passed: nobody waits for long for a command that may never come. */
  override pass(elapsedMs: number): void {
    super.pass(elapsedMs);
    const { kind } = this.host.words;
    for (const asker of this.waitingFor(copierWaitMs)) {
      const { atLeast } = asker.question;
      const executed = this.host.database?.executed ?? 0;
      if (executed >= atLeast) {
        this.refuse(
          asker,
          `COPY: it still erases from its files what was redacted; ask again later, or ask another ${kind}`,
        );
        continue;
      }
      this.refuse(asker, `COPY: it has executed ${executed} commands, and not ${atLeast}; ask another ${kind}`);
    }
  }

  /** The one that has waited for longest gives way: those that have a copy ask for its pieces one by one. */
  protected override makeRoom(): Asker<"COPY"> | undefined {
    for (const asker of this.asking) if (!this.#copies.has(asker)) return asker;
  }

  /** A link has ended, and its copy is given up. */
  protected override forgotten(asker: Asker<"COPY">): void {
    this.#end(asker);
    this.#copies.delete(asker);
  }

  /** A copy is given whole, or given up: its files may go. */
  #end(asker: Asker<"COPY">): void {
    const copy = this.#copies.get(asker);
    if (copy === undefined) return;
    copy.release();
    this.#copies.set(asker, undefined);
    this.host.history?.released();
  }

  #give(asker: Asker<"COPY">): void {
    try {
      const copy = this.#copies.has(asker) ? this.#continued(asker) : this.#begun(asker);
      if (copy === undefined) return;
      const { cluster } = this.host;
      const { executed, next: offset } = copy;
      const { part, bytes } = copy.take(snapshotPieceBytes);
      const { estimate, isDone: final } = copy;
      if (final) this.#end(asker);
      this.answer(asker, { kind: "COPIED", cluster, executed, offset, estimate, final, part, bytes });
    } catch (error) {
      if (!(error instanceof Error && this.host.history?.isFault(error))) throw error;
      // It says nothing of the state, which others have, too.
      this.refuse(asker, `COPY: its history cannot be read: ${error.message}; ask another ${this.host.words.kind}`);
    }
  }

  /** The copy of a link that has one, where it is wanted; undefined: the link was refused. */
  #continued(asker: Asker<"COPY">): WholeCopy | undefined {
    const { offset } = asker.question;
    const copy = this.#copies.get(asker);
    if (copy === undefined) this.refuse(asker, "COPY: the copy is complete");
    else if (offset === copy.next || (offset > copy.next && copy.skipTo(offset))) return copy;
    else this.refuse(asker, `COPY: the next piece begins at ${copy.next}, not at ${offset}`);
  }

  /** Begins a copy; undefined: the link waits, or was refused. */
  #begun(asker: Asker<"COPY">): WholeCopy | undefined {
    const { offset, atLeast } = asker.question;
    const { database, history, words } = this.host;
    if (offset !== 0) {
      this.refuse(asker, `COPY: the next piece begins at 0, not at ${offset}`);
      return undefined;
    }
    // A client may know of a command that this replica has still to execute: it will in a moment.
    if (database && database.executed < atLeast) return undefined;
    if (this.#open >= copiesMax) {
      this.refuse(asker, `COPY: it gives ${copiesMax} copies already; ask again later, or ask another ${words.kind}`);
      return undefined;
    }
    if (database === undefined) {
      this.refuse(asker, `COPY: ${words.notYet}; ask again later, or ask another ${words.kind}`);
      return undefined;
    }
    if (history !== undefined && isErasing(database)) {
      history.hurry();
      return undefined;
    }
    const copied = database.copy();
    const held = history?.hold(copied.named) ?? noFiles;
    if (held.segments.length < copied.named.length) {
      this.refuse(asker, `COPY: it does not have the files of its history; ask another ${words.kind}`);
      return undefined;
    }
    const copy = new WholeCopy(copied, held);
    this.#copies.set(asker, copy);
    return copy;
  }

  /** Copies that are being given. */
  get #open(): number {
    let count = 0;
    for (const copy of this.#copies.values()) if (copy !== undefined) count++;
    return count;
  }
}

/** Whether a file may still have what was redacted. */
function isErasing({ machine: { redactionsDue = [] } }: Executor): boolean {
  return redactionsDue.length > 0;
}
