/**
 * The database, for commands with a number in front, so that the history of the simulator knows each.
 *
 * @module
 */

import { itemsOf } from "../../src/batch.ts";
import { ByteReader, ByteWriter } from "../../src/bytes.ts";
import type { Sites as AnySites } from "../../src/database/store/sites.ts";
import { type Command, writeCommand } from "../../src/database/wire/commands.ts";
import type { ComparedSegment, Sealing, SegmentPlace, SegmentRef } from "../../src/history.ts";
import type { Restoring, Snapshot } from "../../src/snapshot.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import { Sites } from "../database/store/machine.ts";

/** What all sites show. */
const all: Command = { kind: "list-page", detail: "full", retired: true };

/** The database. */
export class NumberedSites implements StateMachine {
  readonly #sites: AnySites;
  /** A read, whatever is asked, gives the outputs of these. One at a time, as a request has room for few pages. */
  readonly #asked: readonly Uint8Array[];

  /** One that is as usual, or this one. */
  constructor(sites: AnySites = new Sites(), asked: readonly Command[] = [all]) {
    this.#sites = sites;
    this.#asked = asked.map((command) => {
      const [bytes, batch] = [new ByteWriter(), new ByteWriter()];
      writeCommand(bytes, command);
      batch.blob(bytes.view());
      return batch.copy();
    });
  }

  apply(commands: Uint8Array): Uint8Array {
    const batch = new ByteWriter();
    for (const command of itemsOf(commands)) batch.blob(this.commandOf(command));
    return this.#sites.apply(batch.view());
  }

  read(commands: Uint8Array): Uint8Array | undefined {
    const output = new ByteWriter();
    for (const asked of this.#asked) output.raw(this.#sites.read(asked)!);
    const outputs = new ByteWriter();
    for (const _ of itemsOf(commands)) outputs.blob(output.view());
    return outputs.copy();
  }

  /** The command behind the number. */
  commandOf(numbered: Uint8Array): Uint8Array {
    const reader = new ByteReader(numbered);
    reader.varint();
    return reader.view(reader.remaining);
  }

  freeze(): Snapshot {
    return this.#sites.freeze();
  }

  restoring(): Restoring {
    return this.#sites.restoring();
  }

  get isEarlier(): boolean {
    return this.#sites.isEarlier;
  }

  renewing(): Generator<void, void> {
    return this.#sites.renewing();
  }

  get lastEntry(): number {
    return this.#sites.lastEntry;
  }

  entriesAfter(after: number, bytesMax: number): ReturnType<StateMachine["entriesAfter"]> {
    return this.#sites.entriesAfter(after, bytesMax);
  }

  readHistory(nowMs: number): boolean {
    return this.#sites.readHistory(nowMs);
  }

  get unsealed(): SegmentPlace | undefined {
    return this.#sites.unsealed;
  }

  get unsealedBytes(): number {
    return this.#sites.unsealedBytes;
  }

  sealing(): Sealing {
    return this.#sites.sealing();
  }

  sealed(segment: SegmentRef): void {
    this.#sites.sealed(segment);
  }

  get named(): readonly SegmentRef[] {
    return this.#sites.named;
  }

  sealedAs(place: SegmentPlace): ComparedSegment | "due" | undefined {
    return this.#sites.sealedAs(place);
  }

  get redactionsDue(): readonly SegmentPlace[] {
    return this.#sites.redactionsDue;
  }

  redacting(number: number): (index: number) => boolean {
    return this.#sites.redacting(number);
  }
}
