/**
 * The replica's side of a backup: gives copies of the database on request, while it executes commands.
 *
 * A link that begins with COPY gets one copy, of one index of the log, piece by piece on request. So a slow copier
 * delays no one, and a big database goes out between the requests of others. A copy keeps memory that it shares with
 * the database, so there are few at a time, and a silent copier loses its copy. A copier that waits for a command that
 * is not executed yet has no copy, and so does not keep one from others; it does not wait for long.
 *
 * A copy holds only what is on the disk: the replica takes it in a turn right after it wrote all that it executed.
 *
 * @module
 */

import { copiesMax, snapshotPieceBytes } from "../../limits.ts";
import type { DatabaseCopy } from "../../protocol/replica/executor.ts";
import { type Asker, Askers, type ReaderHost } from "./askers.ts";

/** Milliseconds within which a program that fetches a copy must ask for the next piece. */
export const copierSilentMs = 10_000;

/** Milliseconds for which a copier waits for a command that this replica has still to execute. */
export const copierWaitMs = 5_000;

/** Links for copies, those included that wait for theirs or have it. */
export const copyLinksMax = 100;

/** How far a copier has come. */
interface CopyProgress {
  /** Its copy; undefined before the first piece, and after the last. */
  readonly copy: DatabaseCopy | undefined;
  /** Where the next piece begins. */
  readonly next: number;
}

const beginning: CopyProgress = { copy: undefined, next: 0 };

/** All links that fetch copies. */
export class Copiers extends Askers<"COPY"> {
  readonly #progress = new Map<Asker<"COPY">, CopyProgress>();

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
    for (const asker of this.waitingFor(copierWaitMs)) {
      const { atLeast } = asker.question;
      const executed = this.host.core.database?.executed ?? 0;
      this.refuse(asker, `COPY: it has executed ${executed} commands, and not ${atLeast}; ask another replica`);
    }
  }

  /** The one that has waited for longest gives way: those that have a copy ask for its pieces one by one. */
  protected override makeRoom(): Asker<"COPY"> | undefined {
    for (const asker of this.asking) if (!this.#progress.has(asker)) return asker;
  }

  /** A link has ended, and its copy is given up. */
  protected override forgotten(asker: Asker<"COPY">): void {
    this.#progress.delete(asker);
  }

  #give(asker: Asker<"COPY">): void {
    const { next: offset, copy: begun } = this.#progress.get(asker) ?? beginning;
    const asked = asker.question.offset;
    if (asked !== offset) {
      return this.refuse(asker, `COPY: the next piece begins at ${offset}, not at ${asked}`);
    }
    if (offset > 0 && begun === undefined) return this.refuse(asker, "COPY: the copy is complete");
    // A client may know of a command that this replica has still to execute: it will in a moment.
    const database = this.host.core.database;
    if (begun === undefined && database && database.executed < asker.question.atLeast) return;
    if (begun === undefined && this.#copies >= copiesMax) {
      return this.refuse(asker, `COPY: it gives ${copiesMax} copies already; ask again later, or ask another replica`);
    }
    const copy = begun ?? database?.copy();
    if (copy === undefined) {
      return this.refuse(asker, "COPY: it is not a member of a view yet; ask again later, or ask another replica");
    }
    const { executed, snapshot } = copy;
    const bytes = snapshot.take(snapshotPieceBytes);
    const { cluster } = this.host;
    const next = offset + bytes.length;
    const final = snapshot.next === "nothing";
    const estimate = Math.max(snapshot.estimate, next);
    this.answer(asker, { kind: "COPIED", cluster, executed, offset, estimate, final, bytes });
    this.#progress.set(asker, { copy: final ? undefined : copy, next });
  }

  get #copies(): number {
    let count = 0;
    for (const { copy } of this.#progress.values()) if (copy !== undefined) count++;
    return count;
  }
}
