/**
 * The state machine of the simulator, and its commands: numbers.
 *
 * @module
 */

import { itemsOf } from "../../src/batch.ts";
import { ByteReader, ByteWriter } from "../../src/bytes.ts";
import { type ComparedSegment, segmentKinds, type SegmentPlace } from "../../src/history.ts";
import { Gathering, Parts, type Restoring, type Snapshot } from "../../src/snapshot.ts";
import type { StateMachine } from "../../src/state_machine.ts";

// To make a writer takes longer than all that a machine does with it.
const outputs = new ByteWriter();
const output = new ByteWriter(8);

/** A machine whose output is a digest of all commands so far: any difference in order or number shows in it. */
export class DigestMachine implements StateMachine {
  #digest = 17;
  /** It has no log. */
  readonly lastEntry = 0;

  /** What a test says that it has sealed of its log. */
  readonly segments: Map<number, ComparedSegment | "due"> = new Map();

  sealedAs({ kind, number }: SegmentPlace): ComparedSegment | "due" | undefined {
    return kind === segmentKinds.entries ? this.segments.get(number) : undefined;
  }

  entriesAfter(): undefined {
    return undefined;
  }

  snapshot(): Uint8Array {
    return this.#written().copy();
  }

  /** The digest as bytes, good until the next are written. */
  #written(): ByteWriter {
    output.clear();
    output.varint(this.#digest);
    return output;
  }

  freeze(): Snapshot {
    return new Parts([this.snapshot()]);
  }

  restoring(): Restoring {
    return new Gathering((bytes) => this.restore(bytes));
  }

  restore(snapshot: Uint8Array): void {
    const reader = new ByteReader(snapshot);
    const digest = reader.varint();
    reader.end();
    this.#digest = digest;
  }

  read(commands: Uint8Array): Uint8Array | undefined {
    outputs.clear();
    for (const command of itemsOf(commands)) {
      if (new ByteReader(command).varint() !== 0) return undefined;
      outputs.blob(this.#written().view());
    }
    return outputs.copy();
  }

  apply(commands: Uint8Array): Uint8Array {
    outputs.clear();
    for (const command of itemsOf(commands)) {
      this.#digest = (Math.imul(this.#digest, 31) + new ByteReader(command).varint() + 1) >>> 0;
      outputs.blob(this.#written().view());
    }
    return outputs.copy();
  }
}

/** The command that changes nothing. */
export const readCommand: Uint8Array = new Uint8Array([0]);
