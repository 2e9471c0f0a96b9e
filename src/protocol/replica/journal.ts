/**
 * The journal: what a replica writes to its disk before it says anything that asserts it (rule D1).
 *
 * Everything that a replica can say follows from what it has received and promised. So it notes that: a RECEIVED
 * asserts the requests, a REPORT the promise and the accepted value, an ACCEPTED the value, an INSTALL and a VIEW the
 * decision. An OUTPUT asserts nothing more: a request is executed when every member has it (rule R5), each on its
 * disk, and its place in the order follows from its uid. Only in a view of one member, the order is that of execution.
 * So each turn ends with a note of how far the replica has executed.
 *
 * A row holds the notes of one turn. `recovery.ts` reads a journal after its checkpoint.
 *
 * @module
 */

import { ByteReader, ByteWriter } from "../../bytes.ts";
import type { SegmentRef } from "../../history.ts";
import { type Decoded, fields } from "../wire/fields.ts";
import { codecOf } from "../wire/kinds.ts";
import { codecs, type Position } from "../wire/records.ts";

const { varint, list } = fields;
const { ballot, accepted, carried, clientId, decision, position, segment } = codecs;

const entries = codecOf("entry of a journal", {
  /** A request was received in the present view. */
  received: { code: 1, fields: { request: carried } },
  /** V2: no smaller ballot counts any more. */
  promised: { code: 2, fields: { ballot } },
  /** V4. */
  accepted: { code: 3, fields: { accepted } },
  /** V6: the drain, and the next view. */
  installed: { code: 4, fields: { decision } },
  /** V9: from here on this is the newcomer `id`, which follows a donor; what was pending is void. */
  joining: { code: 5, fields: { id: varint } },
  /** V9: the donor has executed a request in view `v`. */
  followed: { code: 6, fields: { v: varint, request: carried } },
  /** V9: the donor has installed view `v`. */
  viewed: { code: 7, fields: { v: varint, expired: list(clientId) } },
  /** V9: a clone of the donor. `clock` is 0, except in a file of version 0.10. */
  cloned: { code: 8, fields: { v: varint, ballot, clock: varint, pending: list(carried) } },
  /** How far the replica had come at the end of the turn. */
  reached: { code: 9, fields: { position } },
  /** D6: the file of a segment is on the disk, and the state names it from here on. */
  sealed: { code: 10, fields: { segment } },
  /** D3: what was executed before had the rules of an earlier version, and what follows has those of today. */
  renewed: { code: 11, fields: {} },
});

/** A note. */
export type JournalEntry = Decoded<typeof entries>;

/** Collects what is to be written at the end of the turn. */
export class Journal {
  readonly #writer = new ByteWriter(4096);
  #isHeld = false;

  /** Whether a checkpoint is on its way without which nothing that is noted counts. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Notes something. */
  note(entry: JournalEntry): void {
    entries.write(this.#writer, entry);
  }

  /** Forgets what was noted, and holds back what will be until {@link release}: a new checkpoint is on its way. */
  hold(): void {
    this.#writer.clear();
    this.#isHeld = true;
  }

  /** The checkpoint is on the disk. */
  release(): void {
    this.#isHeld = false;
  }

  /**
   * The row of this turn, as a copy; undefined if there is nothing to write.
   *
   * @param isWanted whether the position alone is worth a row.
   */
  take(position: Position, isWanted = false): Uint8Array | undefined {
    if (this.#isHeld || (this.#writer.length === 0 && !isWanted)) return undefined;
    this.note({ kind: "reached", position });
    return this.#row();
  }

  /**
   * A row of its own, which names segments from this position on. The row of the turn was taken, and nothing is held
   * back.
   */
  sealed(position: Position, segments: readonly SegmentRef[]): Uint8Array {
    this.note({ kind: "reached", position });
    for (const segment of segments) this.note({ kind: "sealed", segment });
    return this.#row();
  }

  #row(): Uint8Array {
    const row = this.#writer.copy();
    this.#writer.clear();
    return row;
  }
}

/**
 * The notes of a row, in order.
 *
 * @throws {DecodeError} if the bytes are not a row.
 */
export function* entriesOf(row: Uint8Array): Generator<JournalEntry> {
  const reader = new ByteReader(row);
  while (reader.remaining > 0) yield entries.read(reader);
}
