/**
 * The replica's side of a backup: gives copies of the database to whoever asks, while requests go on.
 *
 * A link that begins with COPY gets one copy, of one place in the log, piece by piece, each when it is asked for: so a
 * copier that is slow makes nobody wait, and a big database goes out between the requests of others. What the copy shares
 * with the database is held in memory for as long as it takes, which is why there are few at a time, and none for who
 * falls silent.
 *
 * What is said is on the disk: a copy is taken in a turn when all that was executed so far has just been written.
 *
 * @module
 */

import { copierSilentMs, copiesMax, snapshotPieceBytes } from "../../limits.ts";
import type { DatabaseCopy } from "../../protocol/replica/executor.ts";
import { type Asker, Askers, type AskersHost } from "./askers.ts";

/** The replica that the copies are of. */
export interface CopierHost extends AskersHost {
  readonly cluster: string;
  /** Whether it is a member that has not executed so many commands yet. */
  isBehind(executed: number): boolean;
  /** The database as it is now; undefined if this replica may not know all that was answered. */
  copy(): DatabaseCopy | undefined;
}

/** How far somebody is who fetches a copy. */
interface CopyProgress {
  /** What it gets; undefined before its first piece, and after its last one. */
  readonly copy: DatabaseCopy | undefined;
  /** Where its next piece begins. */
  readonly next: number;
}

const beginning: CopyProgress = { copy: undefined, next: 0 };

/** All who fetch copies from this replica. */
export class Copiers extends Askers<"COPY"> {
  readonly #host: CopierHost;
  // It goes with whoever asks.
  readonly #progress = new WeakMap<Asker<"COPY">, CopyProgress>();

  /** Nobody fetches anything yet. */
  constructor(host: CopierHost) {
    super({ kind: "COPY", purpose: "a copy", askersMax: copiesMax, silentMs: copierSilentMs }, host);
    this.#host = host;
  }

  /** What was executed is on the disk: gives a piece to each who has asked for one. */
  serve(): void {
    for (const asker of this.asking) this.#give(asker);
  }

  #give(asker: Asker<"COPY">): void {
    const { next: offset, copy: begun } = this.#progress.get(asker) ?? beginning;
    const asked = asker.question.offset;
    if (asked !== offset) {
      return this.refuse(asker, `COPY: the next piece begins at ${offset}, not at ${asked}`);
    }
    if (offset > 0 && begun === undefined) return this.refuse(asker, "COPY: the copy is complete");
    // Who has seen an answer may ask a replica that has not come so far: it will in a moment.
    if (begun === undefined && this.#host.isBehind(asker.question.atLeast)) return;
    const copy = begun ?? this.#host.copy();
    if (copy === undefined) {
      return this.refuse(asker, "COPY: it is no member of a view yet; ask again later, or another replica");
    }
    const { executed, snapshot } = copy;
    const bytes = snapshot.take(snapshotPieceBytes);
    const { cluster } = this.#host;
    this.answer(asker, { kind: "COPIED", cluster, executed, offset, total: snapshot.length, bytes });
    const next = offset + bytes.length;
    this.#progress.set(asker, { copy: next === snapshot.length ? undefined : copy, next });
  }
}
